package dev.weft.agent.traffic;

import java.time.Duration;
import java.util.List;
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
    return time.filter(limit -> !limit.isZero())
        .map(limit -> new Deadline(true, now + limit.toNanos()))
        .orElse(NONE);
  }

  /** The one that comes first. */
  static Deadline earliest(List<Deadline> deadlines) {
    Deadline earliest = NONE;
    for (Deadline each : deadlines) {
      if (each.set && (!earliest.set || each.at - earliest.at < 0)) {
        earliest = each;
      }
    }
    return earliest;
  }

  /** Time left; zero when past; empty when there is no deadline. */
  Optional<Duration> left(long now) {
    return set ? Optional.of(Duration.ofNanos(Math.max(0, at - now))) : Optional.empty();
  }
}
