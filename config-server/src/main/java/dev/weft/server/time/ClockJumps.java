package dev.weft.server.time;

import dev.weft.server.log.Log;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices when the time of day goes another way than the monotonic clock: somebody set it, or the
 * machine slept. Which of the two times is the right one, it cannot know. Thread-safe.
 */
public final class ClockJumps {
  /** Less is corrected all the time, and harms nobody. */
  static final Duration TOLERANCE = Duration.ofSeconds(5);

  private static final Duration EVERY = Duration.ofSeconds(1);

  /** A jump: by how much, and what the clock said just after it. */
  public record Jump(Duration by, Instant to) {}

  /** What has been seen up to now. */
  private record Seen(Instant wall, long nanos, int jumps, @Nullable Jump last) {}

  private final ServerClock clock;
  private final Log log;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Seen seen;

  /** Compares from now on, whenever {@link #look} is called. */
  public ClockJumps(ServerClock clock, Log log) {
    this.clock = clock;
    this.log = log;
    this.seen = new Seen(clock.instant(), clock.nanos(), 0, null);
  }

  /** Has each jump told, on the scheduler's thread. */
  public void onJump(Runnable listener) {
    listeners.add(listener);
  }

  /** Looks once a second until the scheduler is shut down. */
  public void watchOn(ScheduledExecutorService scheduler) {
    var unused =
        scheduler.scheduleWithFixedDelay(
            this::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Compares the clocks with what they said at the last look. */
  synchronized void look() {
    Seen before = seen;
    Instant wall = clock.instant();
    long nanos = clock.nanos();
    Duration by = Duration.between(before.wall().plusNanos(nanos - before.nanos()), wall);
    if (by.abs().compareTo(TOLERANCE) <= 0) {
      seen = new Seen(wall, nanos, before.jumps(), before.last());
      return;
    }
    seen = new Seen(wall, nanos, before.jumps() + 1, new Jump(by, wall));
    log.warn(
        "clock jumped "
            + (by.isNegative() ? "back" : "forward")
            + " by="
            + Duration.ofSeconds(by.abs().plusMillis(500).toSeconds())
            + " to="
            + wall
            + "; streams go on, but certificates and tokens are made and judged by this time:"
            + " compare it with that of the agents");
    for (Runnable listener : listeners) {
      try {
        listener.run();
      } catch (RuntimeException e) {
        log.error("the clock's jump is not answered: " + e);
      }
    }
  }

  /** How many there were since the start. */
  public int count() {
    return seen.jumps();
  }

  /** The last one; empty: none since the start. */
  public Optional<Jump> last() {
    return Optional.ofNullable(seen.last());
  }
}
