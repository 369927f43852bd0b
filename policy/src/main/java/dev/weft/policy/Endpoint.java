package dev.weft.policy;

import java.util.Map;
import java.util.Optional;

/**
 * One address that serves one port of a service. Immutable.
 *
 * @param address IP literal
 * @param port TCP port at that address
 * @param servicePort the service's port that it serves
 * @param workload name of the workload instance, for telemetry
 * @param spiffeId the identity that its certificate must carry; empty: not in the mesh, plaintext
 * @param labels the workload's labels
 * @param ready whether new requests may go there
 * @param locality where it runs; empty: not known
 * @param weight its share compared with the other endpoints', from 1; empty: 1
 * @param unready why it is not ready; empty: it is, or nobody says why not
 */
public record Endpoint(
    String address,
    int port,
    int servicePort,
    String workload,
    String spiffeId,
    Map<String, String> labels,
    boolean ready,
    Optional<Locality> locality,
    Optional<Integer> weight,
    Optional<Unready> unready) {

  /** An endpoint of which nothing more is known. */
  public Endpoint(
      String address,
      int port,
      int servicePort,
      String workload,
      String spiffeId,
      Map<String, String> labels,
      boolean ready) {
    this(
        address,
        port,
        servicePort,
        workload,
        spiffeId,
        labels,
        ready,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Whether connections to it carry mesh mutual TLS. */
  public boolean mesh() {
    return !spiffeId.isEmpty();
  }
}
