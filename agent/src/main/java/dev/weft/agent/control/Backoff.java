package dev.weft.agent.control;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt. Random everywhere, so that a mesh that lost its server
 * does not come back as one. Confined to the connecting thread.
 */
final class Backoff {
  private static final Duration START_PHASE = Duration.ofMinutes(1);
  private static final long FIRST_MILLIS = 1000;
  private static final long LAST_MILLIS = 30_000;
  private static final int UP_TO_4_SECONDS = 2;
  private static final long FIRST_REFUSAL_MILLIS = 30_000;
  private static final long LAST_REFUSAL_MILLIS = 600_000;

  private final RandomGenerator dice;
  private final Instant start;
  private boolean everConnected;
  private int failures;
  private int refusals;

  Backoff(RandomGenerator dice, Instant start) {
    this.dice = dice;
    this.start = start;
  }

  /** The stream works: the next loss begins anew with 0 s to 1 s. */
  void connected() {
    everConnected = true;
    failures = 0;
    refusals = 0;
  }

  /**
   * After something that may pass: full jitter up to 1 s, 2 s, 4 s ... 30 s; 1 s to 5 s in the
   * first minute of a workload that waits for its server to appear.
   */
  Duration afterFailure(Instant now) {
    refusals = 0;
    if (!everConnected && now.isBefore(start.plus(START_PHASE))) {
      return Duration.ofMillis(1000 + (long) (4000 * dice.nextDouble()));
    }
    long limit = doubled(FIRST_MILLIS, failures++, LAST_MILLIS);
    return Duration.ofMillis((long) (limit * dice.nextDouble()));
  }

  /**
   * After connects that were refused: nobody is there whom more attempts could harm, and a server
   * that restarts is there again within seconds. As {@link #afterFailure}, but never beyond 4 s.
   */
  Duration afterRefusedConnect(Instant now) {
    failures = Math.min(failures, UP_TO_4_SECONDS);
    return afterFailure(now);
  }

  /**
   * After a server that has too much to do: what it says, at most 30 s, and up to as much again, so
   * that those who were told the same do not come back together.
   */
  Duration afterBusy(Duration retryAfter) {
    long base = Math.max(100, Math.min(LAST_MILLIS, retryAfter.toMillis()));
    return Duration.ofMillis(base + (long) (base * dice.nextDouble()));
  }

  /** After a refusal that only people can cure: 30 s, doubling up to 10 min, plus up to a fifth. */
  Duration afterRefusal() {
    long base = doubled(FIRST_REFUSAL_MILLIS, refusals++, LAST_REFUSAL_MILLIS);
    return Duration.ofMillis(base + (long) (base * 0.2 * dice.nextDouble()));
  }

  private static long doubled(long first, int times, long last) {
    return Math.min(last, first << Math.min(times, 16));
  }
}
