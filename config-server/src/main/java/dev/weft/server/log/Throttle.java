package dev.weft.server.log;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Lets a few lines a second through, so that a noisy peer cannot fill the disk; says how many it
 * held back. Thread-safe.
 */
public final class Throttle {
  private static final int LINES_PER_SECOND = 10;

  private final Log log;
  private final InstantSource clock;
  private Instant second = Instant.EPOCH;
  private int printed;
  private long held;

  /** Throttles warnings to {@code log}. */
  public Throttle(Log log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  /** Warns, or counts. */
  public void warn(String message) {
    long heldBefore = 0;
    synchronized (this) {
      Instant now = clock.instant();
      if (Duration.between(second, now).abs().toMillis() >= 1000) {
        second = now;
        printed = 0;
        heldBefore = held;
        held = 0;
      }
      if (printed >= LINES_PER_SECOND) {
        held++;
        return;
      }
      printed++;
    }
    log.warn(heldBefore == 0 ? message : message + " (and " + heldBefore + " lines held back)");
  }
}
