package dev.weft.server.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The time of day, which somebody may set, and beside it a clock that nobody can. Thread-safe. */
public interface ServerClock extends InstantSource {
  /** This machine's clocks. */
  ServerClock SYSTEM =
      new ServerClock() {
        @Override
        public Instant instant() {
          return Instant.now();
        }

        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };

  /** Nanoseconds since some moment, as {@link System#nanoTime}: never set, only to be compared. */
  long nanos();

  /**
   * What {@link #nanos} will say at this time of day, if nobody sets the clock until then.
   *
   * @param end within a century of now, or it is taken for that
   */
  default long nanosAt(Instant end) {
    Duration left = Duration.between(instant(), end);
    Duration most = Duration.ofDays(36_500);
    Duration bounded =
        left.compareTo(most) > 0
            ? most
            : left.compareTo(most.negated()) < 0 ? most.negated() : left;
    return nanos() + bounded.toNanos();
  }
}
