package dev.weft.agent.traffic;

import java.time.Duration;
import java.util.Optional;

/**
 * A point on the monotonic clock, or none. Immutable.
 *
 * @param at nanoseconds; of no meaning when {@code set} is false
 */
record Deadline(boolean set, long at) {
  static final Deadline NONE = new Deadline(false, 0);

  /** After the given time; none when that is empty or zero, which in Gateway API is "off". */
  static Deadline in(Optional<Duration> time, long now) {
    return time.isEmpty() || time.get().isZero()
        ? NONE
        : new Deadline(true, now + time.get().toNanos());
  }

  /** The one of both that comes first. */
  Deadline or(Deadline other) {
    return other.set && (!set || other.at - at < 0) ? other : this;
  }

  /** Whether no more than that many nanoseconds are left. */
  boolean within(long nanos, long now) {
    return set && at - now <= nanos;
  }

  /** Time left; zero when past; empty when there is no deadline. */
  Optional<Duration> left(long now) {
    return set ? Optional.of(Duration.ofNanos(Math.max(0, at - now))) : Optional.empty();
  }
}
