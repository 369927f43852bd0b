package dev.weft.benchmarks.requests;

import dev.weft.benchmarks.ground.Spread;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What the rounds of one library gave. Used by one thread. */
final class Figures {
  /** One figure of a client. */
  enum Metric {
    /** Requests in a second, as fast as they go. */
    RATE,
    /** Microseconds of processor time for a request, as fast as they go. */
    SATURATED_CPU,
    /** Bytes allocated for a request. */
    ALLOCATED,
    /** Microseconds of processor time for a request at half of what goes without an agent. */
    CPU,
    /** Microseconds from when a request was due, at that rate. */
    P50,
    P99
  }

  private final Map<Variant, Map<Metric, List<Double>>> rounds = new EnumMap<>(Variant.class);

  void enter(Variant variant, Metric metric, double figure) {
    rounds
        .computeIfAbsent(variant, key -> new EnumMap<>(Metric.class))
        .computeIfAbsent(metric, key -> new ArrayList<>())
        .add(figure);
  }

  private List<Double> rounds(Variant variant, Metric metric) {
    return rounds.getOrDefault(variant, Map.of()).getOrDefault(metric, List.of());
  }

  Spread of(Variant variant, Metric metric) {
    return Spread.of(rounds(variant, metric));
  }

  /** What the variant has more than no agent, round by round. */
  Spread added(Variant variant, Metric metric) {
    return Spread.ofDifferences(rounds(variant, metric), rounds(Variant.PLAIN, metric));
  }

  /**
   * The variant's share of what no agent has: the median of all pairs, and between what limits it
   * lies with a certainty of 95 %.
   */
  Spread ratio(Variant variant, Metric metric) {
    return Spread.ofMedianRatio(rounds(variant, metric), rounds(Variant.PLAIN, metric));
  }
}
