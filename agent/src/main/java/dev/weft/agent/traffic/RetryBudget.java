package dev.weft.agent.traffic;

import java.util.function.LongSupplier;

/**
 * Limits retries to a share of the requests of the last ten seconds, so that retries never become
 * the load that keeps a service down; a few per second are always allowed. Thread-safe.
 */
final class RetryBudget {
  private static final int WINDOW_SECONDS = 10;
  private static final long SECOND = 1_000_000_000L;

  private final LongSupplier nanos;
  private final int[] requests = new int[WINDOW_SECONDS];
  private final int[] retries = new int[WINDOW_SECONDS];
  private long second;

  /** {@code nanos} is a monotonic clock. */
  RetryBudget(LongSupplier nanos) {
    this.nanos = nanos;
    this.second = Math.floorDiv(nanos.getAsLong(), SECOND);
  }

  /** Counts a first attempt. */
  synchronized void requested() {
    requests[slot()]++;
  }

  /**
   * Takes one retry out of the budget.
   *
   * @param percent share of requests that may be retries
   * @param minPerSecond retries that are allowed in any second
   * @return false: the budget is used up
   */
  synchronized boolean tryRetry(int percent, int minPerSecond) {
    int slot = slot();
    boolean allowed =
        retries[slot] < minPerSecond || sum(retries) * 100L < (long) percent * sum(requests);
    if (allowed) {
      retries[slot]++;
    }
    return allowed;
  }

  /** The current second's slot, after those that have passed were cleared. */
  private int slot() {
    long now = Math.floorDiv(nanos.getAsLong(), SECOND);
    long passed = Math.min(WINDOW_SECONDS, now - second);
    for (long i = 1; i <= passed; i++) {
      int stale = Math.floorMod(second + i, WINDOW_SECONDS);
      requests[stale] = 0;
      retries[stale] = 0;
    }
    second = Math.max(second, now);
    return Math.floorMod(second, WINDOW_SECONDS);
  }

  private static long sum(int[] counts) {
    long sum = 0;
    for (int count : counts) {
      sum += count;
    }
    return sum;
  }
}
