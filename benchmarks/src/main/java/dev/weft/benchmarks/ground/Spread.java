package dev.weft.benchmarks.ground;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/**
 * One figure of several rounds. Immutable.
 *
 * @param median what to believe
 * @param min the lowest
 * @param max the highest: the distance between the two tells how noisy the machine was
 */
public record Spread(double median, double min, double max) {
  /** No round gave the figure. */
  public static final Spread NONE = new Spread(Double.NaN, Double.NaN, Double.NaN);

  /** Of the rounds that have a figure; NaN stands for those that have none. */
  public static Spread of(List<Double> rounds) {
    double[] sorted =
        rounds.stream().mapToDouble(Double::doubleValue).filter(v -> !Double.isNaN(v)).toArray();
    if (sorted.length == 0) {
      return NONE;
    }
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }

  /**
   * The median of pairs' ratios and, instead of the lowest and the highest, between what limits it
   * would lie in 95 of 100 such runs: the order statistics of the sign test, which hold however the
   * ratios scatter. Below six pairs no limits are that certain, and it is the lowest and the
   * highest.
   */
  public static Spread ofMedianRatio(List<Double> ours, List<Double> theirs) {
    List<Double> sorted = ratios(ours, theirs).stream().sorted().toList();
    if (sorted.isEmpty()) {
      return NONE;
    }
    int beyond = outside(sorted.size());
    return of(sorted.subList(beyond, sorted.size() - beyond)); // whose median is that of all
  }

  /**
   * How many of the lowest, and of the highest, may be left out of so many: a fair coin decides.
   */
  private static int outside(int count) {
    double exactly = Math.pow(0.5, count);
    double atMost = exactly;
    for (int heads = 0; ; heads++) {
      exactly *= (count - heads) / (heads + 1.0);
      atMost += exactly;
      if (atMost > 0.025) {
        return heads;
      }
    }
  }

  private static List<Double> ratios(List<Double> ours, List<Double> theirs) {
    return eachOfBoth(ours, theirs, (our, their) -> our / their);
  }

  /** Round by round, one's figure divided by the other's. */
  public static Spread ofRatios(List<Double> ours, List<Double> theirs) {
    return of(ratios(ours, theirs));
  }

  /** Round by round, what one's figure is above the other's. */
  public static Spread ofDifferences(List<Double> ours, List<Double> theirs) {
    return of(eachOfBoth(ours, theirs, (our, their) -> our - their));
  }

  private static List<Double> eachOfBoth(
      List<Double> ours, List<Double> theirs, DoubleBinaryOperator compare) {
    return IntStream.range(0, Math.min(ours.size(), theirs.size()))
        .mapToObj(round -> compare.applyAsDouble(ours.get(round), theirs.get(round)))
        .toList();
  }

  /** Whether a round gave it. */
  public boolean known() {
    return !Double.isNaN(median);
  }

  /** Whether rounds lie on both sides of the limit. */
  public boolean straddles(double limit) {
    return min < limit && limit < max;
  }

  /** All rounds as shares of a fixed figure. */
  public Spread dividedBy(double divisor) {
    return new Spread(median / divisor, min / divisor, max / divisor);
  }
}
