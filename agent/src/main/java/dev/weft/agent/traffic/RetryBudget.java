package dev.weft.agent.traffic;

import dev.weft.policy.MeshSettings;
import dev.weft.policy.TrafficPolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Limits retries to a share of the requests of the last while, so that retries never become the
 * load that keeps a service down; a few per second are always allowed (GEP-3388). Counting takes no
 * lock; under contention a retry more than the budget may pass. Thread-safe.
 */
final class RetryBudget {
  private static final long SECOND = 1_000_000_000L;

  private final LongSupplier nanos;
  private final Terms terms;
  private final AtomicReferenceArray<Second> window;

  /**
   * A budget that nothing has been taken from.
   *
   * @param nanos a monotonic clock
   */
  RetryBudget(LongSupplier nanos, Terms terms) {
    this.nanos = nanos;
    this.terms = terms;
    this.window = new AtomicReferenceArray<>(terms.seconds());
  }

  /**
   * What a budget allows. Immutable.
   *
   * @param percent share of the requests of the window that may be retries, 0 to 100
   * @param seconds length of the window, at least 1
   * @param minPerSecond retries that are allowed in any second
   */
  record Terms(int percent, int seconds, int minPerSecond) {
    private static final int DEFAULT_SECONDS = 10;

    /** Of a destination, else of the mesh. */
    static Terms of(Optional<TrafficPolicy.RetryBudget> own, MeshSettings mesh) {
      if (own.isEmpty()) {
        return new Terms(
            mesh.retryBudgetPercent(), DEFAULT_SECONDS, mesh.retryBudgetMinPerSecond());
      }
      TrafficPolicy.RetryBudget budget = own.get();
      return new Terms(budget.percent(), whole(budget.interval()), budget.minPerSecond());
    }

    /** Whether these are the ones {@link #of} both; asked for each request, so nothing is made. */
    boolean are(Optional<TrafficPolicy.RetryBudget> own, MeshSettings mesh) {
      if (own.isPresent()) {
        return equals(of(own, mesh));
      }
      return percent == mesh.retryBudgetPercent()
          && seconds == DEFAULT_SECONDS
          && minPerSecond == mesh.retryBudgetMinPerSecond();
    }

    private static int whole(Duration interval) {
      return (int) Math.max(1, interval.plusNanos(SECOND - 1).toSeconds());
    }
  }

  /** What was sent in one second. */
  private static final class Second {
    final long number;
    final LongAdder requests = new LongAdder();
    final LongAdder retries = new LongAdder();

    Second(long number) {
      this.number = number;
    }
  }

  Terms terms() {
    return terms;
  }

  /** Counts a first attempt. */
  void requested() {
    current().requests.increment();
  }

  /** Takes one retry out of the budget; false: it is used up. */
  boolean tryRetry() {
    Second current = current();
    boolean allowed = current.retries.sum() < terms.minPerSecond() || shareAllows(current.number);
    if (allowed) {
      current.retries.increment();
    }
    return allowed;
  }

  private boolean shareAllows(long now) {
    long requests = 0;
    long retries = 0;
    for (int i = 0; i < window.length(); i++) {
      Second each = window.get(i);
      if (each != null && now - each.number < window.length()) {
        requests += each.requests.sum();
        retries += each.retries.sum();
      }
    }
    return retries * 100 < terms.percent() * requests;
  }

  private Second current() {
    long number = Math.floorDiv(nanos.getAsLong(), SECOND);
    int slot = Math.floorMod(number, window.length());
    Second known = window.get(slot);
    while (known == null || known.number < number) {
      Second begun = new Second(number);
      if (window.compareAndSet(slot, known, begun)) {
        return begun;
      }
      known = window.get(slot);
    }
    return known;
  }
}
