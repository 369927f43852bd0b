package dev.weft.server.distribution;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long to wait for more changes before compiling. A lone change goes at once. While changes
 * keep coming the pause grows, from what a round has cost lately up to a bound, so that a storm is
 * merged into few rounds and the server has time for something else; once it is quiet, it is gone.
 * Guarded by itself.
 */
final class Debounce {
  /** No change waits longer, however hard it storms. */
  static final Duration LONGEST = Duration.ofMillis(250);

  private static final long LONGEST_NANOS = LONGEST.toNanos();
  private static final long SHORTEST_NANOS = Duration.ofMillis(5).toNanos();

  private final LongSupplier nanos;
  private long pause;
  private long cost;
  private long lastRound;
  private boolean everRan;

  /**
   * Starts quiet.
   *
   * @param nanos a clock that never goes back
   */
  Debounce(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Something has changed and no round is due yet: how long until it should begin. */
  synchronized Duration changed() {
    long now = nanos.getAsLong();
    if (!everRan) {
      return Duration.ZERO;
    }
    long since = now - lastRound;
    if (since >= quiet()) {
      pause = 0;
      return Duration.ZERO;
    }
    pause = Math.min(LONGEST_NANOS, Math.max(Math.max(SHORTEST_NANOS, cost), 2 * pause));
    return Duration.ofNanos(Math.max(0, pause - since));
  }

  /** After so long without a round the next change is a lone one. */
  private long quiet() {
    return Math.max(2 * pause, Math.max(SHORTEST_NANOS, cost));
  }

  /** A round that took so long is over. */
  synchronized void ran(Duration took) {
    everRan = true;
    lastRound = nanos.getAsLong();
    // Quick to rise and slow to fall: one cheap round says little about the next.
    cost = Math.max(took.toNanos(), cost - cost / 4);
  }
}
