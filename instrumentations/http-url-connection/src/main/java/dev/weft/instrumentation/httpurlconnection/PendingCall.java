package dev.weft.instrumentation.httpurlconnection;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Step;
import org.jspecify.annotations.Nullable;

/**
 * One request between {@code HttpClient.New} and its response headers. Holds neither the connection
 * nor its client, see {@link PendingCalls}. Confined to the connection's thread.
 */
final class PendingCall {
  final ClientExchange exchange;

  /** Set while the library's own methods are called from within the advice on them. */
  boolean reentered;

  /**
   * Whether the connection in use was opened for this request, so nothing was sent on it before.
   */
  boolean fresh;

  private Attempt attempt;
  private long attemptEnds;

  /** What the mesh answers in place of a result that it has judged. */
  private @Nullable LocalReply reply;

  PendingCall(ClientExchange exchange, Attempt first) {
    this.exchange = exchange;
    this.attempt = first;
    attempt(first);
  }

  /** What comes after an attempt. */
  void begin(Step next) {
    if (next instanceof LocalReply local) {
      reply = local;
    } else {
      attempt((Attempt) next);
    }
  }

  /** Starts the clock of an attempt. */
  private void attempt(Attempt next) {
    attempt = next;
    long limit = next.timeout().isPresent() ? next.timeout().get().toNanos() : 0;
    attemptEnds = System.nanoTime() + limit;
  }

  /** The mesh's own answer; null: an attempt is under way. */
  @Nullable LocalReply reply() {
    return reply;
  }

  Attempt attempt() {
    return attempt;
  }

  /**
   * The smaller of a limit of the library and what is left of the attempt's.
   *
   * @param millis the library's limit; zero or less: none
   * @return at least 1; or {@code millis} when the attempt has no limit
   */
  int bounded(int millis) {
    if (attempt.timeout().isEmpty()) {
      return millis;
    }
    // Rounded up, so that the timeout does not come before its time.
    long left = Math.max(1, (attemptEnds - System.nanoTime() + 999_999) / 1_000_000);
    return (int) (millis <= 0 ? Math.min(left, Integer.MAX_VALUE) : Math.min(left, millis));
  }

  void end(@Nullable Throwable failure) {
    exchange.end(failure);
  }
}
