package dev.weft.agent.traffic;

import dev.weft.policy.TrafficPolicy;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sends nothing to a destination for a while where most requests fail, then a few probes: if one of
 * them fails it stays open, if all succeed it closes. Thread-safe.
 */
final class Circuit {
  private final TrafficPolicy.Circuit terms;
  private final CircuitBreaker breaker;

  /**
   * A closed circuit.
   *
   * @param nanos a monotonic clock
   */
  Circuit(TrafficPolicy.Circuit terms, LongSupplier nanos) {
    this.terms = terms;
    this.breaker =
        CircuitBreaker.of(
            "circuit",
            CircuitBreakerConfig.custom()
                .slidingWindow(
                    (int) Math.max(1, terms.window().toSeconds()),
                    terms.minRequests(),
                    SlidingWindowType.TIME_BASED,
                    SlidingWindowSynchronizationStrategy.LOCK_FREE)
                .failureRateThreshold(terms.failurePercent())
                .waitDurationInOpenState(terms.open())
                .permittedNumberOfCallsInHalfOpenState(terms.probes())
                .clock(new Monotonic(nanos))
                .currentTimestampFunction(clock -> nanos.getAsLong(), TimeUnit.NANOSECONDS)
                .writableStackTraceEnabled(false)
                .build());
  }

  TrafficPolicy.Circuit terms() {
    return terms;
  }

  /** Whether requests go as ever. */
  boolean closed() {
    return breaker.getState() == State.CLOSED;
  }

  /** Whether a request may go; who gets true says later what became of it. */
  boolean tryRequest() {
    return breaker.tryAcquirePermission();
  }

  /** A request was answered, and not with a server's error. */
  void succeeded(long nanos) {
    breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
  }

  /** A request failed, or was answered with a server's error. */
  void failed(long nanos, Throwable failure) {
    boolean probe = breaker.getState() == State.HALF_OPEN;
    breaker.onError(nanos, TimeUnit.NANOSECONDS, failure);
    if (probe && breaker.getState() == State.HALF_OPEN) {
      breaker.transitionToOpenState();
    }
  }

  /** The application gave a request up: that says nothing of the destination. */
  void abandoned() {
    breaker.releasePermission();
  }

  /** Time that does not jump when somebody sets the clock. */
  private static final class Monotonic extends Clock {
    private final LongSupplier nanos;

    Monotonic(LongSupplier nanos) {
      this.nanos = nanos;
    }

    @Override
    public Instant instant() {
      return Instant.EPOCH.plusNanos(nanos.getAsLong());
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
