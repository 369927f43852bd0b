package dev.weft.agent.wire;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads that wait for a change of what a lock guards: a {@link
 * java.util.concurrent.locks.Condition} that a full heap cannot break.
 *
 * <p>To wake threads allocates nothing, and what a thread needs in order to wait it has before it
 * waits. The JDK's own allocates while it moves a woken thread to the lock's queue; where that
 * fails (seen on JDK 17), the thread is in neither queue and spins until the process ends.
 *
 * <p>Thread-safe: everything happens under the lock, except that a thread waits without it.
 */
final class Waiters {
  /** How long a thread that found no memory waits before it tries for the lock again. */
  private static final long RETRY_NANOS = 1_000_000;

  private final ReentrantLock lock;
  private @Nullable Waiter first; // guarded by the lock

  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    @Nullable Waiter next;
    volatile boolean woken;
  }

  /**
   * @param lock guards what is waited for
   */
  Waiters(ReentrantLock lock) {
    this.lock = lock;
  }

  /**
   * Releases the lock, waits, and takes it again. Returns when woken or when the time is over; an
   * interrupt does not end it, and is still there afterwards.
   *
   * @param nanos longest time
   */
  void await(long nanos) {
    await(nanos, false);
  }

  /**
   * As {@link #await(long)}, but an interrupt ends it.
   *
   * @return whether the thread is interrupted
   */
  boolean awaitInterruptibly(long nanos) {
    return await(nanos, true);
  }

  /** Wakes all that wait. The lock must be held. */
  void wake() {
    for (Waiter waiter = first; waiter != null; waiter = waiter.next) {
      waiter.woken = true;
      LockSupport.unpark(waiter.thread);
    }
  }

  private boolean await(long nanos, boolean interruptibly) {
    Waiter waiter = new Waiter();
    waiter.next = first;
    first = waiter;
    boolean interrupted = false;
    int holds = lock.getHoldCount();
    for (int i = 0; i < holds; i++) {
      lock.unlock();
    }
    try {
      long start = System.nanoTime();
      long left = nanos;
      while (!waiter.woken && left > 0 && !(interrupted && interruptibly)) {
        LockSupport.parkNanos(this, left);
        interrupted |= Thread.interrupted();
        left = nanos - (System.nanoTime() - start);
      }
    } finally {
      for (int i = 0; i < holds; i++) {
        take(lock);
      }
      remove(waiter);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return interrupted;
  }

  private void remove(Waiter waiter) {
    if (first == waiter) {
      first = waiter.next;
      return;
    }
    for (Waiter before = first; before != null; before = before.next) {
      if (before.next == waiter) {
        before.next = waiter.next;
        return;
      }
    }
  }

  /**
   * Takes a lock that has to be taken, because the caller's {@code finally} releases it: a lock
   * that others hold needs memory (JDK 17) in order to queue for it.
   */
  static void take(ReentrantLock lock) {
    try {
      lock.lock();
    } catch (OutOfMemoryError e) {
      while (!lock.tryLock()) {
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }
}
