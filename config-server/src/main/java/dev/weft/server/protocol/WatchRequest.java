package dev.weft.server.protocol;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Body of {@code POST /v1/watch}.
 *
 * @param protocol version of the protocol that the agent speaks
 * @param instance UUID of the JVM; a JVM keeps it for its life
 * @param listening TCP ports that the application listens on now
 * @param version the snapshot that the agent holds; empty or absent: none
 */
public record WatchRequest(
    int protocol,
    String instance,
    Claim workload,
    List<Integer> listening,
    Optional<String> version) {

  /** The protocol version this server speaks. */
  public static final int PROTOCOL = 1;

  /** The same for a workload of this service. */
  public WatchRequest as(String service) {
    Claim same = new Claim(service, workload.labels(), workload.address(), workload.ports());
    return new WatchRequest(protocol, instance, same, listening, version);
  }

  /**
   * What the workload says it is. Namespace and service account come from its certificate.
   *
   * @param address IP literal under which others reach it; empty or absent: where it connects from
   * @param ports its ports by name
   */
  public record Claim(
      String service,
      Map<String, String> labels,
      Optional<String> address,
      Map<String, Integer> ports) {}
}
