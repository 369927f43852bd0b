package dev.weft.agent.traffic;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The generic cell rate algorithm (ITU-T I.371): a budget of some requests that grows by one every
 * interval. One number is all its state. Thread-safe; takes no locks.
 */
final class Gcra {
  private final long interval;
  private final long tolerance;

  /** When the budget will be whole again, on the monotonic clock; meaningless before the first. */
  private final AtomicLong whole = new AtomicLong(Long.MIN_VALUE);

  /**
   * A whole budget.
   *
   * @param interval more than zero
   * @param burst at least 1
   */
  Gcra(Duration interval, int burst) {
    this.interval = interval.toNanos();
    this.tolerance = Math.multiplyExact(this.interval, burst);
  }

  /** Takes one request; 0: taken, else the nanoseconds after which there will be one. */
  long tryTake(long now) {
    while (true) {
      long known = whole.get();
      long from = known == Long.MIN_VALUE || known - now < 0 ? now : known;
      long next = from + interval;
      long wait = next - tolerance - now;
      if (wait > 0) {
        return wait;
      }
      if (whole.compareAndSet(known, next)) {
        return 0;
      }
    }
  }

  /** Undoes a {@link #tryTake} that took. */
  void giveBack() {
    whole.addAndGet(-interval);
  }

  /** How many requests may go right now. */
  long left(long now) {
    return (tolerance - debt(now)) / interval;
  }

  /** Whether it is as a new one would be. */
  boolean untouched(long now) {
    return debt(now) == 0;
  }

  private long debt(long now) {
    long known = whole.get();
    return known == Long.MIN_VALUE ? 0 : Math.max(0, known - now);
  }
}
