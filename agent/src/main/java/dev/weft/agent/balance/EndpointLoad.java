package dev.weft.agent.balance;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What one endpoint costs right now: its latency as a peak-sensitive moving average, times the
 * requests that are in flight to it. Thread-safe, without locks.
 *
 * <p>Peak-sensitive: a latency above the average replaces it at once, one below it moves it slowly
 * (decay 10 s), so that an endpoint that stalls is left fast and trusted again gradually. An idle
 * endpoint's average decays towards zero, so that it is tried again.
 */
public final class EndpointLoad {
  static final Duration START = Duration.ofMillis(30);
  static final Duration DECAY = Duration.ofSeconds(10);

  private final AtomicInteger inFlight = new AtomicInteger();
  private final double floor;
  private final AtomicReference<Average> average;
  private volatile long avoidedUntil;

  EndpointLoad(long now, Duration start, Duration floor) {
    this.average = new AtomicReference<>(new Average(start.toNanos(), now));
    this.floor = floor.toNanos();
    avoidedUntil = now;
  }

  /** A latency in nanoseconds, and when it was true. */
  private record Average(double nanos, long at) {
    double decayed(long now) {
      return nanos * weight(now);
    }

    double weight(long now) {
      return Math.exp(-(double) Math.max(0, now - at) / DECAY.toNanos());
    }
  }

  /** A request or connection begins. */
  public void started() {
    inFlight.incrementAndGet();
  }

  /** It has ended. */
  public void finished() {
    inFlight.decrementAndGet();
  }

  /** How many have begun and not ended. */
  public int inFlight() {
    return inFlight.get();
  }

  /** Takes a latency in; {@code now} is its end. */
  public void observe(Duration latency, long now) {
    double nanos = latency.toNanos();
    Average known;
    Average next;
    do { // not updateAndGet: its function would be an object for each request
      known = Objects.requireNonNull(average.get());
      double weight = known.weight(now);
      double old = known.nanos() * weight;
      next = new Average(nanos > old ? nanos : old + nanos * (1 - weight), now);
    } while (!average.compareAndSet(known, next));
  }

  /** Latency times (in flight + 1), in nanoseconds. */
  public double cost(long now) {
    return cost(now, 1);
  }

  /**
   * The cost of an endpoint that is to carry more or less than the others.
   *
   * @param share 1: as much as the average endpoint; above 0
   */
  double cost(long now, double share) {
    return Math.max(floor, Objects.requireNonNull(average.get()).decayed(now))
        * (inFlight.get() / share + 1);
  }

  /** Keeps requests away while there is another endpoint. */
  public void avoid(Duration time, long now) {
    avoidedUntil = Math.max(avoidedUntil, now + time.toNanos());
  }

  boolean avoided(long now) {
    return avoidedUntil - now > 0;
  }
}
