package dev.weft.instrumentation;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Does something on another thread when a time is over, unless it is cancelled before, which almost
 * all are: then nothing is woken for it. Thread-safe.
 */
public final class Limit implements AutoCloseable {
  private static final long LONGEST_NANOS = Long.MAX_VALUE / 2;
  private static final Limit NONE = new Limit(0, () -> {});
  private static final Timers TIMERS = new Timers();

  final Runnable action;

  /** By {@link Timers#now}; changes while it is in no bucket only. */
  long due;

  /** The bucket that it waits in; null: in none. Changes under that bucket's lock. */
  volatile Timers.@Nullable Bucket bucket;

  // Its neighbours there, under the same lock.
  @Nullable Limit before;
  @Nullable Limit after;

  private Limit(long due, Runnable action) {
    this.due = due;
    this.action = action;
  }

  /**
   * Who makes the thread of the timers, if it does not run yet. It starts threads of the
   * application's in turn, which take its group over: not one whose connections pass the mesh by.
   */
  public static void timedBy(ThreadFactory threads) {
    TIMERS.threads(threads);
  }

  /** No limit. */
  public static Limit none() {
    return NONE;
  }

  /**
   * Begins; the action runs at most once, in the common pool of the JVM.
   *
   * @param duration 0 and less: at once; up to 146 years
   */
  public static Limit after(Duration duration, Runnable action) {
    long nanos = Math.min(Math.max(0, duration.toNanos()), LONGEST_NANOS);
    Limit limit = new Limit(Timers.now() + nanos, action);
    TIMERS.add(limit);
    return limit;
  }

  /** Whether it runs out within a time. */
  @SuppressWarnings("ReferenceEquality") // there is one
  public boolean within(Duration time) {
    return this != NONE && due - Timers.now() <= time.toNanos();
  }

  /** Returns false when the time was over before; then the action runs, or has run. */
  @SuppressWarnings("ReferenceEquality") // there is one
  public boolean cancel() {
    return this == NONE || Timers.remove(this);
  }

  @Override
  public void close() {
    cancel();
  }
}
