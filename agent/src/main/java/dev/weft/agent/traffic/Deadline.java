package dev.weft.agent.traffic;

import java.time.Duration;
import java.util.Optional;

/**
 * A point on the monotonic clock, or none. Immutable.
 *
 * @param time how long before that point it was set; empty: it is none
 * @param at nanoseconds; of no meaning when it is none
 */
record Deadline(Optional<Duration> time, long at) {
  static final Deadline NONE = new Deadline(Optional.empty(), 0);

  /** After the given time; none when that is empty or zero, which in Gateway API is "off". */
  static Deadline in(Optional<Duration> time, long now) {
    return time.isEmpty() || time.get().isZero()
        ? NONE
        : new Deadline(time, now + time.get().toNanos());
  }

  /** Whether there is one. */
  boolean set() {
    return time.isPresent();
  }

  /** The one of both that comes first. */
  Deadline or(Deadline other) {
    return other.set() && (!set() || other.at - at < 0) ? other : this;
  }

  /** Whether no more than that many nanoseconds are left. */
  boolean within(long nanos, long now) {
    return set() && at - now <= nanos;
  }

  /** Time left; zero when past; empty when there is no deadline. */
  Optional<Duration> left(long now) {
    long nanos = Math.max(0, at - now);
    return time.isEmpty() || time.get().toNanos() == nanos // as policy says it: nothing new
        ? time
        : Optional.of(Duration.ofNanos(nanos));
  }
}
