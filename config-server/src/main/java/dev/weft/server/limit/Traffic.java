package dev.weft.server.limit;

import java.util.Locale;

/** Kinds of requests that share limits. Each has a caller by whom it is counted. */
public enum Traffic {
  /** Health checks, and requests for what does not exist; by address. */
  PUBLIC(new Quota(100, 400, 256, 0)),
  /** A first certificate; by address, and a whole site may stand behind one. */
  ENROLL(new Quota(200, 4_000, 2_048, 16 << 20)),
  /** What keeps an agent alive: renew, watch, report; by SPIFFE ID. */
  AGENT(new Quota(100, 1_000, 4_096, 64 << 20)),
  /** Spans, points and records of agents; by SPIFFE ID. */
  TELEMETRY(new Quota(200, 1_000, 512, 96 << 20)),
  /** What operators read; by token. */
  READ(new Quota(100, 400, 128, 0)),
  /** What operators change; by token. */
  CHANGE(new Quota(10, 50, 32, 4 << 20)),
  /** What costs much work, by token; two at once, so that half of the workers are left. */
  COSTLY(new Quota(5, 20, 2, 8 << 20)),
  /** Tries that prove no identity; by address. Who proves one is not counted here. */
  STRANGER(new Quota(50, 4_000, 256, 0));

  @SuppressWarnings("ImmutableEnumChecker") // a record of numbers
  private final Quota quota;

  Traffic(Quota quota) {
    this.quota = quota;
  }

  /** What docs/protocol.md promises. */
  public Quota quota() {
    return quota;
  }

  /** As labels and messages have it. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }
}
