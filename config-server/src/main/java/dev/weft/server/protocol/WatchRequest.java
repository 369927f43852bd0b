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
 * @param version the snapshot that the agent has in force; empty or absent: none
 * @param held hashes of that snapshot's parts, eight bytes each, in base64; absent: none
 * @param want keys of the services that it has asked for so far
 * @param policy the newest policy documents that it has heard of; absent: none
 * @param protocols what is spoken on the listening ports, where the agent knows
 * @param readiness {@code ready}, {@code failing} or {@code draining}; absent: ready
 */
public record WatchRequest(
    int protocol,
    String instance,
    Claim workload,
    List<Integer> listening,
    Optional<String> version,
    Optional<String> held,
    List<String> want,
    Optional<Seen> policy,
    Map<Integer, String> protocols,
    Optional<String> readiness) {

  /** A request of protocol 1. */
  public WatchRequest(
      int protocol,
      String instance,
      Claim workload,
      List<Integer> listening,
      Optional<String> version) {
    this(
        protocol,
        instance,
        workload,
        listening,
        version,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }

  /** The newest protocol version this server speaks. */
  public static final int PROTOCOL = 2;

  /** All that it speaks, for messages. */
  public static final String SPOKEN = "1 and 2";

  /** The same for a workload of this service. */
  public WatchRequest as(String service) {
    Claim same =
        new Claim(
            service,
            workload.labels(),
            workload.address(),
            workload.ports(),
            workload.locality(),
            workload.weight());
    return new WatchRequest(
        protocol, instance, same, listening, version, held, want, policy, protocols, readiness);
  }

  /** Whether this server speaks the agent's protocol. */
  public boolean understood() {
    return protocol >= 1 && protocol <= PROTOCOL;
  }

  /** A generation of policy documents. */
  public record Seen(String epoch, long generation) {}

  /**
   * What the workload says it is. Namespace and service account come from its certificate.
   *
   * @param address IP literal under which others reach it; empty or absent: where it connects from
   * @param ports its ports by name
   * @param locality {@code region/zone/subzone}; absent: what its topology labels say
   * @param weight its share compared with others of its service; absent: 1
   */
  public record Claim(
      String service,
      Map<String, String> labels,
      Optional<String> address,
      Map<String, Integer> ports,
      Optional<String> locality,
      Optional<Integer> weight) {

    /** Of a workload that says no more than it must. */
    public Claim(
        String service,
        Map<String, String> labels,
        Optional<String> address,
        Map<String, Integer> ports) {
      this(service, labels, address, ports, Optional.empty(), Optional.empty());
    }
  }
}
