package dev.weft.benchmarks.ground.app;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The times at which requests are due, whatever became of those before: an open loop. Immutable.
 */
public final class Schedule {
  private final long[] dueNanos;

  private Schedule(long[] dueNanos) {
    this.dueNanos = dueNanos;
  }

  /**
   * Arrivals of a Poisson process: the same for each variant, because the seed is.
   *
   * @param perSecond the mean rate; positive
   * @param nanos length of the window
   */
  public static Schedule poisson(double perSecond, long nanos, long seed) {
    if (!(perSecond > 0)) {
      throw new IllegalArgumentException("expected a positive rate, found " + perSecond);
    }
    SplittableRandom dice = new SplittableRandom(seed);
    long[] due = new long[16];
    int count = 0;
    double at = 0;
    while (true) {
      at += -Math.log1p(-dice.nextDouble()) / perSecond * 1e9;
      if (at >= nanos) {
        return new Schedule(Arrays.copyOf(due, count));
      }
      if (count == due.length) {
        due = Arrays.copyOf(due, count * 2);
      }
      due[count++] = (long) at;
    }
  }

  /** How many requests there are. */
  public int size() {
    return dueNanos.length;
  }

  /** When request {@code index} is due, in nanoseconds after the start. */
  public long due(int index) {
    return dueNanos[index];
  }
}
