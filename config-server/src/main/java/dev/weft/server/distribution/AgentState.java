package dev.weft.server.distribution;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one agent's snapshots. Immutable.
 *
 * @param offered the version that it should have; empty before the first compilation
 * @param offeredAt when that version was compiled
 * @param acked the version that it says is in force; empty: none
 * @param nacked the version that it refused; empty: none
 * @param nackReason why
 * @param reportedAt when it last reported; null: never
 * @param status what it reported, free-form
 */
public record AgentState(
    String offered,
    Instant offeredAt,
    String acked,
    String nacked,
    String nackReason,
    @Nullable Instant reportedAt,
    Map<String, Object> status) {

  static AgentState holding(String version, Instant now) {
    return new AgentState("", now, version, "", "", null, Map.of());
  }

  AgentState offer(String version, Instant now) {
    return new AgentState(version, now, acked, nacked, nackReason, reportedAt, status);
  }

  /** Whether the agent runs what it should. */
  public boolean inSync() {
    return !offered.isEmpty() && offered.equals(acked);
  }

  /** Whether the agent refuses what it should run. */
  public boolean refuses() {
    return !nacked.isEmpty() && nacked.equals(offered);
  }
}
