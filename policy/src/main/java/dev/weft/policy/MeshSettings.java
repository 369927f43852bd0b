package dev.weft.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Mesh-wide settings, from {@code MeshConfig}. Immutable.
 *
 * @param meshNetworks CIDRs whose every address counts as a mesh workload (standalone mode)
 * @param revoked SPIFFE IDs that nobody talks to any more, whatever their certificates say
 * @param retryBudgetPercent share of requests that may be retries, 0 to 100
 * @param retryBudgetMinPerSecond retries per second that are always allowed
 * @param traceSamplingPercent share of root traces that are recorded, 0.0 to 100.0
 * @param connectTimeout of one attempt to connect to an endpoint of the mesh; empty: 1 s
 * @param balancing how endpoints are chosen where no policy of the service says it; empty: peak
 *     EWMA of two random choices
 * @param probes requests that need no mutual TLS even under {@code STRICT}
 * @param trustDomainAliases trust domains whose identities count as the mesh's own
 */
public record MeshSettings(
    List<String> meshNetworks,
    List<String> revoked,
    int retryBudgetPercent,
    int retryBudgetMinPerSecond,
    double traceSamplingPercent,
    Optional<Duration> connectTimeout,
    Optional<TrafficPolicy.LoadBalancing> balancing,
    List<Probe> probes,
    List<String> trustDomainAliases) {

  /**
   * Requests of a kubelet or a load balancer, which have no identity. One of the two is there.
   *
   * @param port that the workload listens on; empty: any
   * @param path without query; empty: every request
   */
  public record Probe(Optional<Integer> port, Optional<String> path) {}

  /** Settings of a mesh that balances, connects and trusts by the defaults. */
  public MeshSettings(
      List<String> meshNetworks,
      List<String> revoked,
      int retryBudgetPercent,
      int retryBudgetMinPerSecond,
      double traceSamplingPercent) {
    this(
        meshNetworks,
        revoked,
        retryBudgetPercent,
        retryBudgetMinPerSecond,
        traceSamplingPercent,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of());
  }

  /** Settings of a mesh in which no identity is revoked. */
  public MeshSettings(
      List<String> meshNetworks,
      int retryBudgetPercent,
      int retryBudgetMinPerSecond,
      double traceSamplingPercent) {
    this(
        meshNetworks, List.of(), retryBudgetPercent, retryBudgetMinPerSecond, traceSamplingPercent);
  }

  /** The defaults of a mesh without a {@code MeshConfig}. */
  public static final MeshSettings DEFAULT = new MeshSettings(List.of(), List.of(), 20, 10, 1.0);
}
