package dev.weft.server.limit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Limits each caller's rate by the generic cell rate algorithm (ITU-T I.371): one time per caller,
 * when its requests so far would have been due at the permitted rate. Remembers the callers seen
 * last and no more than {@link #MAX_CALLERS}: who is forgotten begins anew, which lets somebody
 * with many addresses through, and costs no memory. Thread-safe.
 */
final class Rate {
  static final int MAX_CALLERS = 20_000;

  private final LongSupplier nanos;
  private final long interval;
  private final long tolerance;
  private final Map<String, Long> due =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_CALLERS;
        }
      };

  /**
   * A limit that nobody has used yet.
   *
   * @param nanos a clock that never goes back, as {@link System#nanoTime}
   */
  Rate(Quota quota, LongSupplier nanos) {
    this.nanos = nanos;
    this.interval = Math.max(1, (long) (1e9 / quota.perSecond()));
    this.tolerance = interval * (quota.burst() - 1);
  }

  /** Counts a request: zero when it may pass, else how long until one may. */
  synchronized Duration take(String caller) {
    long now = nanos.getAsLong();
    Long known = due.get(caller);
    long ahead = known == null ? 0 : Math.max(0, known - now);
    if (ahead > tolerance) {
      return Duration.ofNanos(ahead - tolerance);
    }
    due.put(caller, now + ahead + interval);
    return Duration.ZERO;
  }

  synchronized int callers() {
    return due.size();
  }
}
