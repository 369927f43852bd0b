package dev.weft.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;

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
 * @param requestLimits how many requests it accepts; all of them hold
 * @param telemetry how it is observed where it differs from the mesh
 * @param audits the AUDIT policies that select it, apart so that older agents overlook them
 * @param jwtRules whose tokens it accepts; where there are any, {@code policies} has an {@code
 *     AUTHENTICATE} for them
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
    List<ConnectionLimit> limits,
    List<RequestLimit> requestLimits,
    Optional<TelemetrySettings> telemetry,
    List<AccessPolicy> audits,
    List<JwtRule> jwtRules) {

  /** What a workload accepts that is observed as all are, without limits of requests or tokens. */
  public Inbound(
      String workload,
      String service,
      String namespace,
      String spiffeId,
      Map<String, String> labels,
      Mtls mtls,
      Map<Integer, Mtls> portMtls,
      List<AccessPolicy> policies,
      List<ConnectionLimit> limits) {
    this(
        workload,
        service,
        namespace,
        spiffeId,
        labels,
        mtls,
        portMtls,
        policies,
        limits,
        List.of(),
        Optional.empty(),
        List.of(),
        List.of());
  }

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

  /** The same with these limits of requests, observed like this. */
  public Inbound with(List<RequestLimit> limited, Optional<TelemetrySettings> observed) {
    return new Inbound(
        workload, service, namespace, spiffeId, labels, mtls, portMtls, policies, limits, limited,
        observed, audits, jwtRules);
  }

  /** The mode of a port. */
  public Mtls mtls(int port) {
    return portMtls.getOrDefault(port, mtls);
  }
}
