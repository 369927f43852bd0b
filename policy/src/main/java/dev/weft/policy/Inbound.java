package dev.weft.policy;

import java.util.List;
import java.util.Map;

/**
 * What a workload accepts. Immutable.
 *
 * @param workload the instance's name
 * @param service the service it belongs to; may be empty
 * @param namespace its namespace
 * @param spiffeId its own identity
 * @param labels its labels
 * @param mtls the mode of every port that {@code portMtls} does not name, and the policy that says
 *     so
 * @param portMtls modes of single ports (the port the workload listens on)
 * @param policies the access policies that select this workload, in any order
 * @param limits how many connections it accepts; all of them hold
 */
public record Inbound(
    String workload,
    String service,
    String namespace,
    String spiffeId,
    Map<String, String> labels,
    Mtls mtls,
    Map<Integer, Mtls> portMtls,
    List<AccessPolicy> policies,
    List<ConnectionLimit> limits) {

  /** What a workload accepts without limits. */
  public Inbound(
      String workload,
      String service,
      String namespace,
      String spiffeId,
      Map<String, String> labels,
      Mtls mtls,
      Map<Integer, Mtls> portMtls,
      List<AccessPolicy> policies) {
    this(workload, service, namespace, spiffeId, labels, mtls, portMtls, policies, List.of());
  }

  /**
   * A mode and its origin.
   *
   * @param rule {@code PeerAuthentication default/strict}; {@code default} where no document speaks
   */
  public record Mtls(MtlsMode mode, String rule) {}

  /** The mode of a port. */
  public Mtls mtls(int port) {
    return portMtls.getOrDefault(port, mtls);
  }
}
