package dev.weft.policy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a workload runs, from the coarse to the fine, as Envoy and Kubernetes tell it. Immutable.
 *
 * @param region never empty
 * @param zone empty: not known
 * @param subZone empty: not known; never without a zone
 */
public record Locality(String region, String zone, String subZone) {
  private static final int MAX_PART = 256;
  private static final String REGION_LABEL = "topology.kubernetes.io/region";
  private static final String ZONE_LABEL = "topology.kubernetes.io/zone";
  private static final String SUBZONE_LABEL = "topology.istio.io/subzone";

  /** Refuses what names no place. */
  public Locality {
    if (region.isBlank() || (zone.isBlank() && !subZone.isBlank())) {
      throw new IllegalArgumentException("expected region, region/zone or region/zone/subzone");
    }
    if (Math.max(region.length(), Math.max(zone.length(), subZone.length())) > MAX_PART) {
      throw new IllegalArgumentException("expected at most " + MAX_PART + " characters a part");
    }
  }

  /**
   * Reads {@code region}, {@code region/zone} or {@code region/zone/subzone}.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static Locality parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length > 3) {
      throw new IllegalArgumentException("expected region, region/zone or region/zone/subzone");
    }
    return new Locality(
        parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : "");
  }

  /** What the well-known topology labels say; empty when they name no region. */
  public static Optional<Locality> of(Map<String, String> labels) {
    String region = labels.getOrDefault(REGION_LABEL, "");
    String zone = labels.getOrDefault(ZONE_LABEL, "");
    String subZone = zone.isBlank() ? "" : labels.getOrDefault(SUBZONE_LABEL, "");
    return region.isBlank() || region.length() > MAX_PART || zone.length() > MAX_PART
        ? Optional.empty()
        : Optional.of(new Locality(region, zone, subZone.length() > MAX_PART ? "" : subZone));
  }

  /** The well-known topology labels that say it. */
  public Map<String, String> labels() {
    Map<String, String> labels = new HashMap<>();
    labels.put(REGION_LABEL, region);
    if (!zone.isEmpty()) {
      labels.put(ZONE_LABEL, zone);
    }
    if (!subZone.isEmpty()) {
      labels.put(SUBZONE_LABEL, subZone);
    }
    return Map.copyOf(labels);
  }

  /** The form that {@link #parse} reads. */
  @Override
  public String toString() {
    return subZone.isEmpty()
        ? zone.isEmpty() ? region : region + "/" + zone
        : region + "/" + zone + "/" + subZone;
  }
}
