package dev.weft.agent.traffic;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The generic cell rate algorithm (ITU-T I.371): a budget of some requests that grows by one every
 * interval. One number is all its state. Thread-safe; takes no locks.
 *
 * <p>Of a budget that several instances share, each counts its share by paying for every request as
 * many intervals as there are instances: so the budget grows that much slower and is that much
 * smaller, but for a request at least, and nothing has to be converted, and nobody gains anything,
 * when their number changes.
 */
final class Gcra {
  /** Ten years: far more than a budget may take to be whole, far less than the clock can tell. */
  private static final long LONGEST = Duration.ofDays(3_650).toNanos();

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

  /**
   * Takes one request; 0: taken, else the nanoseconds after which there will be one.
   *
   * @param instances who share the budget; at least 1
   */
  long tryTake(int instances, long now) {
    long price = price(instances);
    long most = Math.max(tolerance, price);
    while (true) {
      long known = whole.get();
      long from = known == Long.MIN_VALUE || known - now < 0 ? now : known;
      long next = from + price;
      long wait = next - most - now;
      if (wait > 0) {
        return wait;
      }
      if (whole.compareAndSet(known, next)) {
        return 0;
      }
    }
  }

  /** Undoes a {@link #tryTake} that took, with as many instances. */
  void giveBack(int instances) {
    whole.addAndGet(-price(instances));
  }

  /** How many requests may go right now. */
  long left(int instances, long now) {
    long price = price(instances);
    return Math.max(0, (Math.max(tolerance, price) - debt(now)) / price);
  }

  /** What one request costs of the whole budget, in nanoseconds. */
  private long price(int instances) {
    return interval > LONGEST / instances ? LONGEST : interval * instances;
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
