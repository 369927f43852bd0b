package dev.weft.policy;

import java.util.Map;

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
 */
public record Endpoint(
    String address,
    int port,
    int servicePort,
    String workload,
    String spiffeId,
    Map<String, String> labels,
    boolean ready) {

  /** Whether connections to it carry mesh mutual TLS. */
  public boolean mesh() {
    return !spiffeId.isEmpty();
  }
}
