package dev.weft.server.telemetry;

import java.util.ArrayList;
import java.util.List;

/**
 * The value of a series: a number, or a histogram. Immutable.
 *
 * @param value of a sum or a gauge; the sum of a histogram's values
 * @param histogram whether count, bounds and buckets mean anything
 * @param count how many values a histogram holds
 * @param bounds upper bounds of a histogram's buckets, one fewer than buckets
 */
public record MetricValue(
    double value, boolean histogram, long count, List<Double> bounds, List<Long> buckets) {

  static MetricValue number(double value) {
    return new MetricValue(value, false, 0, List.of(), List.of());
  }

  /** Both together; buckets are lost where the bounds differ. */
  MetricValue plus(MetricValue other) {
    List<Long> together = new ArrayList<>();
    boolean sameShape = bounds.equals(other.bounds()) && buckets.size() == other.buckets().size();
    for (int i = 0; sameShape && i < buckets.size(); i++) {
      together.add(buckets.get(i) + other.buckets().get(i));
    }
    return new MetricValue(
        value + other.value(),
        histogram || other.histogram(),
        count + other.count(),
        sameShape ? bounds : List.of(),
        together);
  }
}
