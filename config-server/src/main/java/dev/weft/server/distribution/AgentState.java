package dev.weft.server.distribution;

import dev.weft.server.policy.Generation;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one agent's snapshots. Immutable.
 *
 * @param protocol the version of the protocol that it speaks; 0: it has not connected yet
 * @param offered the version that it should have; empty before the first compilation
 * @param offeredAt when that version was compiled
 * @param acked the version that it says is in force; empty: none
 * @param nacked the version that it refused; empty: none
 * @param nackReason why
 * @param came what it had seen of policy documents when it connected
 * @param reportedAt when it last reported; null: never
 * @param status what it reported, free-form
 */
public record AgentState(
    int protocol,
    String offered,
    Instant offeredAt,
    String acked,
    String nacked,
    String nackReason,
    Generation came,
    @Nullable Instant reportedAt,
    Map<String, Object> status) {

  static AgentState unknown(Instant now) {
    return new AgentState(0, "", now, "", "", "", Generation.NONE, null, Map.of());
  }

  AgentState connected(int speaks, String version, Generation seen) {
    return new AgentState(
        speaks,
        offered,
        offeredAt,
        version.isEmpty() ? acked : version,
        nacked,
        nackReason,
        seen,
        reportedAt,
        status);
  }

  AgentState offer(String version, Instant now) {
    return new AgentState(
        protocol, version, now, acked, nacked, nackReason, came, reportedAt, status);
  }

  AgentState report(
      String inForce, String refused, String reason, Instant now, Map<String, Object> said) {
    return new AgentState(protocol, offered, offeredAt, inForce, refused, reason, came, now, said);
  }

  /** Whether the agent runs what it should. */
  public boolean inSync() {
    return !offered.isEmpty() && offered.equals(acked);
  }

  /** Whether the agent refuses what it should run. */
  public boolean refuses() {
    return !nacked.isEmpty() && nacked.equals(offered);
  }

  /**
   * How far the agent's clock was ahead of ours when it last reported, the way of the report
   * included; empty: it does not say what time it is there.
   */
  public Optional<Duration> clockAhead() {
    if (reportedAt == null || !(status.get("clock") instanceof String there)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Duration.between(reportedAt, Instant.parse(there)));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
