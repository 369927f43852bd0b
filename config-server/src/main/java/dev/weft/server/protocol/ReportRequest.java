package dev.weft.server.protocol;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Body of {@code POST /v1/report}, without its free-form {@code status}.
 *
 * @param acked the version in force at the agent; absent: none
 * @param nacked the version it refused last; absent: none
 * @param resync whether what came on the stream does not fit what the agent holds, so that it needs
 *     everything again; absent: no
 * @param listening TCP ports that the application listens on now
 * @param protocols what is spoken on them, where the agent knows
 * @param readiness {@code ready}, {@code failing} or {@code draining}; absent: ready
 * @param unreachable endpoints, {@code address:port}, to which this agent could not connect lately
 */
public record ReportRequest(
    String instance,
    Optional<String> acked,
    Optional<Nack> nacked,
    Optional<Boolean> resync,
    List<Integer> listening,
    Map<Integer, String> protocols,
    Optional<String> readiness,
    List<String> unreachable) {

  /** A refused snapshot. */
  public record Nack(String version, String reason) {}
}
