package dev.weft.policy;

import java.util.List;

/**
 * Mesh-wide settings, from {@code MeshConfig}. Immutable.
 *
 * @param meshNetworks CIDRs whose every address counts as a mesh workload (standalone mode)
 * @param revoked SPIFFE IDs that nobody talks to any more, whatever their certificates say
 * @param retryBudgetPercent share of requests that may be retries, 0 to 100
 * @param retryBudgetMinPerSecond retries per second that are always allowed
 * @param traceSamplingPercent share of root traces that are recorded, 0.0 to 100.0
 */
public record MeshSettings(
    List<String> meshNetworks,
    List<String> revoked,
    int retryBudgetPercent,
    int retryBudgetMinPerSecond,
    double traceSamplingPercent) {

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
