package dev.weft.server.demo;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * How many of how many. Immutable.
 *
 * @param hits answers that are as asked
 * @param total all answers
 */
public record Share(int hits, int total) {
  /** Deviations that chance alone reaches once in 16,000 runs. */
  private static final double SIGMAS = 4;

  /** Counts. */
  public static Share of(List<Answer> answers, Predicate<Answer> hit) {
    return new Share((int) answers.stream().filter(hit).count(), answers.size());
  }

  /**
   * Whether a coin that shows hits with this probability explains the count (binomial, 4 sigma).
   */
  public boolean fits(double probability) {
    return total > 0 && Math.abs(hits - expected(probability)) <= tolerance(probability);
  }

  /** The count and the bounds it has to keep, for people. */
  public String against(double probability) {
    return String.format(
        Locale.ROOT,
        "%d of %d (%.1f %%; bounds %.0f to %.0f)",
        hits,
        total,
        100.0 * hits / Math.max(1, total),
        Math.ceil(expected(probability) - tolerance(probability)),
        Math.floor(expected(probability) + tolerance(probability)));
  }

  private double expected(double probability) {
    return total * probability;
  }

  private double tolerance(double probability) {
    return SIGMAS * Math.sqrt(total * probability * (1 - probability));
  }
}
