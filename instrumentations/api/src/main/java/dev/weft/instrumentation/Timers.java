package dev.weft.instrumentation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The limits that have not run out, in a wheel of buckets by the time at which they do (Varghese
 * and Lauck, "Hashed and hierarchical timing wheels"), and one thread that looks after them.
 *
 * <p>Why not the JDK's timers ({@code orTimeout}): all of them share one lock, and one that is
 * added while there is no other wakes their thread. A client that sends one request after the other
 * would pay two switches of threads for each. Here a limit is added and taken away without waking
 * the thread, unless it runs out before the thread looks again anyway. Thread-safe.
 */
final class Timers {
  private static final int TICKS = 128;
  private static final int TICK_BITS = 22; // a bucket is for 4.2 ms of each 537 ms
  private static final int STRIPES = 4; // requests of the same moment are of several threads
  private static final long NEVER = Long.MAX_VALUE;
  private static final long AGAIN_NANOS = 100_000_000;
  private static final long BASE = System.nanoTime();

  private final Bucket[] buckets = new Bucket[TICKS * STRIPES];
  private volatile ThreadFactory threads = Timers::plain;
  private @Nullable Thread thread; // guarded by this

  /** When the thread looks next. What is added and runs out before must wake it. */
  private volatile long looks = NEVER;

  /** Buckets of earlier ticks are empty, or hold limits of later revolutions. */
  private volatile long tick;

  /** Limits of the same tick of any revolution; its monitor guards them. */
  static final class Bucket {
    private @Nullable Limit first;

    private void add(Limit limit) {
      limit.bucket = this;
      limit.before = null;
      limit.after = first;
      if (first != null) {
        first.before = limit;
      }
      first = limit;
    }

    private void remove(Limit limit) {
      limit.bucket = null;
      if (limit.before == null) {
        first = limit.after;
      } else {
        limit.before.after = limit.after;
      }
      if (limit.after != null) {
        limit.after.before = limit.before;
      }
      limit.before = null;
      limit.after = null;
    }

    /** Takes out what has run out. */
    private synchronized void takeDue(long now, List<Limit> into) {
      Limit limit = first;
      while (limit != null) {
        Limit next = limit.after;
        if (limit.due <= now) {
          into.add(limit); // may find no memory: then it is still here
          remove(limit);
        }
        limit = next;
      }
    }

    /** When the next one before {@code end} runs out; {@code end}: later ones only. */
    private synchronized long earliest(long end) {
      if (first == null) {
        return NEVER;
      }
      long earliest = end;
      for (Limit limit = first; limit != null; limit = limit.after) {
        earliest = Math.min(earliest, limit.due);
      }
      return earliest;
    }
  }

  Timers() {
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new Bucket();
    }
  }

  /** Nanoseconds since this class was loaded; never negative. */
  static long now() {
    return System.nanoTime() - BASE;
  }

  void threads(ThreadFactory made) {
    threads = made;
  }

  void add(Limit limit) {
    int stripe = (int) Thread.currentThread().getId() & (STRIPES - 1);
    while (true) {
      // A tick that has passed is not looked at again in this revolution.
      long at = Math.max(limit.due >> TICK_BITS, tick);
      Bucket bucket = bucket(at, stripe);
      synchronized (bucket) {
        if (at >= tick) {
          bucket.add(limit);
          break;
        }
      }
    }
    if (limit.due < looks) {
      wake();
    }
  }

  /** Returns false when it is in no bucket any more. */
  static boolean remove(Limit limit) {
    while (true) {
      Bucket bucket = limit.bucket;
      if (bucket == null) {
        return false;
      }
      synchronized (bucket) {
        if (limit.bucket == bucket) {
          bucket.remove(limit);
          return true;
        }
      }
    }
  }

  private Bucket bucket(long at, int stripe) {
    return buckets[(int) (at & (TICKS - 1)) * STRIPES + stripe];
  }

  private synchronized void wake() {
    Thread running = thread;
    if (running == null || !running.isAlive()) {
      running = threads.newThread(this::run);
      running.start();
      thread = running;
    } else {
      LockSupport.unpark(running);
    }
  }

  private static Thread plain(Runnable work) {
    Thread thread = new Thread(null, work, "weft-timer", 0, false);
    thread.setDaemon(true);
    return thread;
  }

  private void run() {
    List<Limit> due = new ArrayList<>();
    while (true) {
      try {
        Thread.interrupted(); // or parking returns at once for ever
        looks = NEVER; // what is added from here on, and is not seen below, wakes us
        takeDue(now(), due);
        while (!due.isEmpty()) {
          start(due.remove(due.size() - 1));
        }
        looks = earliest();
        LockSupport.parkNanos(this, looks - now());
      } catch (RuntimeException | Error e) { // no memory: limits of others still run out
        LockSupport.parkNanos(AGAIN_NANOS);
      }
    }
  }

  private void takeDue(long now, List<Limit> due) {
    long reached = now >> TICK_BITS;
    long from = Math.max(tick, reached - TICKS + 1);
    tick = reached; // before the buckets are looked at: nothing is added behind us
    for (long at = from; at <= reached; at++) {
      for (int stripe = 0; stripe < STRIPES; stripe++) {
        bucket(at, stripe).takeDue(now, due);
      }
    }
  }

  /**
   * When the next limit runs out; the end of this revolution, when that is later; {@link #NEVER}:
   * there is none.
   */
  private long earliest() {
    long from = tick;
    long end = (from + TICKS) << TICK_BITS;
    long next = NEVER;
    for (long at = from; at < from + TICKS && next >= end; at++) {
      for (int stripe = 0; stripe < STRIPES; stripe++) {
        next = Math.min(next, bucket(at, stripe).earliest(end));
      }
    }
    return next;
  }

  /** Elsewhere: this thread is everybody's. */
  @SuppressWarnings("FutureReturnValueIgnored") // the action is all that comes of it
  private void start(Limit limit) {
    try {
      CompletableFuture.runAsync(limit.action);
    } catch (OutOfMemoryError e) { // there may be memory, or a thread, a little later
      limit.due = now() + AGAIN_NANOS;
      add(limit);
    }
  }
}
