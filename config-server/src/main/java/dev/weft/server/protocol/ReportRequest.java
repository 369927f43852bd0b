package dev.weft.server.protocol;

import java.util.List;
import java.util.Optional;

/**
 * Body of {@code POST /v1/report}, without its free-form {@code status}.
 *
 * @param acked the version in force at the agent; absent: none
 * @param nacked the version it refused last; absent: none
 * @param listening TCP ports that the application listens on now
 */
public record ReportRequest(
    String instance, Optional<String> acked, Optional<Nack> nacked, List<Integer> listening) {

  /** A refused snapshot. */
  public record Nack(String version, String reason) {}
}
