package dev.weft.agent.balance;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one endpoint costs right now: its latency as a peak-sensitive moving average, times the
 * requests that are in flight to it. Thread-safe.
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
  private double average;
  private long observedAt;
  private volatile long avoidedUntil;

  EndpointLoad(long now, Duration start, Duration floor) {
    this.average = start.toNanos();
    this.floor = floor.toNanos();
    observedAt = now;
    avoidedUntil = now;
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
  public synchronized void observe(Duration latency, long now) {
    long nanos = latency.toNanos();
    double weight = weight(now);
    average = nanos > average * weight ? nanos : average * weight + nanos * (1 - weight);
    observedAt = now;
  }

  /** Latency times (in flight + 1), in nanoseconds. */
  public synchronized double cost(long now) {
    return Math.max(floor, average * weight(now)) * (inFlight.get() + 1);
  }

  /** Keeps requests away while there is another endpoint. */
  public void avoid(Duration time, long now) {
    avoidedUntil = Math.max(avoidedUntil, now + time.toNanos());
  }

  boolean avoided(long now) {
    return avoidedUntil - now > 0;
  }

  private double weight(long now) {
    return Math.exp(-(double) Math.max(0, now - observedAt) / DECAY.toNanos());
  }
}
