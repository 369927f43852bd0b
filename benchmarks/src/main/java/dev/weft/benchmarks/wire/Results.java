package dev.weft.benchmarks.wire;

import dev.weft.benchmarks.ground.Spread;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** All figures of one stack, by variant, metric and round. Used by one thread. */
final class Results {
  private final Stack stack;
  private final Map<Variant, Map<Metric, List<Double>>> figures = new EnumMap<>(Variant.class);
  private final Map<Variant, String> notes = new EnumMap<>(Variant.class);
  private final Map<Variant, Probe> probes = new EnumMap<>(Variant.class);

  Results(Stack stack) {
    this.stack = stack;
  }

  Stack stack() {
    return stack;
  }

  /** Enters one round's figure; rounds that gave none stay empty. */
  void enter(Variant variant, Metric metric, int round, double figure) {
    List<Double> rounds =
        figures
            .computeIfAbsent(variant, key -> new EnumMap<>(Metric.class))
            .computeIfAbsent(metric, key -> new ArrayList<>());
    while (rounds.size() <= round) {
      rounds.add(Double.NaN);
    }
    rounds.set(round, figure);
  }

  /** Why a variant has no figures, or fewer. */
  void note(Variant variant, String reason) {
    notes.put(variant, reason);
  }

  Map<Variant, String> notes() {
    return notes;
  }

  void probed(Variant variant, Probe probe) {
    probes.put(variant, probe);
  }

  Map<Variant, Probe> probes() {
    return probes;
  }

  /** Each round's figure; NaN where there is none. */
  List<Double> rounds(Variant variant, Metric metric) {
    return figures.getOrDefault(variant, Map.of()).getOrDefault(metric, List.of());
  }

  Spread of(Variant variant, Metric metric) {
    return Spread.of(rounds(variant, metric));
  }

  /** Round by round, this variant's figure divided by the other's. */
  Spread ratio(Variant variant, Variant base, Metric metric) {
    return Spread.ofRatios(rounds(variant, metric), rounds(base, metric));
  }

  /** Round by round, what this variant takes more than plaintext. */
  Spread added(Variant variant, Metric metric) {
    return Spread.ofDifferences(rounds(variant, metric), rounds(Variant.PLAIN, metric));
  }
}
