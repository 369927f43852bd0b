package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** Threads that wait for a connection's state. */
class WaitersTest {
  private static final long LONG = Duration.ofMinutes(10).toNanos();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ReentrantLock lock = new ReentrantLock();
  private final Waiters waiters = new Waiters(lock);
  private final AtomicInteger returned = new AtomicInteger();

  private Thread waiting(Runnable wait) {
    Thread thread =
        new Thread(
            () -> {
              lock.lock();
              try {
                wait.run();
                assertThat(lock.isHeldByCurrentThread()).isTrue();
                returned.incrementAndGet();
              } finally {
                lock.unlock();
              }
            });
    thread.setDaemon(true);
    thread.start();
    await().atMost(PATIENCE).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }

  private void wake() {
    lock.lock();
    try {
      waiters.wake();
    } finally {
      lock.unlock();
    }
  }

  private void returned(int threads) {
    await().atMost(PATIENCE).until(() -> returned.get() == threads);
  }

  @Test
  void allThatWaitAreWoken() {
    for (int i = 0; i < 3; i++) {
      waiting(() -> waiters.await(LONG));
    }

    wake();

    returned(3);
  }

  @Test
  void whoLeavesEarlyLeavesTheOthersWaiting() throws Exception {
    Thread first = waiting(() -> waiters.awaitInterruptibly(LONG));
    Thread second = waiting(() -> waiters.awaitInterruptibly(LONG));
    Thread third = waiting(() -> waiters.await(LONG));

    second.interrupt();
    second.join();
    assertThat(returned).hasValue(1);
    first.interrupt();
    first.join();
    assertThat(returned).hasValue(2);
    assertThat(third.getState()).isEqualTo(Thread.State.TIMED_WAITING);
    wake();

    returned(3);
  }

  @Test
  void anInterruptIsKeptUntilTheWaitIsOver() {
    List<Boolean> interrupted = new ArrayList<>();
    Thread thread =
        waiting(
            () -> {
              waiters.await(LONG);
              interrupted.add(Thread.interrupted());
            });
    thread.interrupt();
    await().atMost(PATIENCE).until(() -> !thread.isInterrupted());
    assertThat(returned).hasValue(0);

    wake();

    returned(1);
    assertThat(interrupted).containsExactly(true);
  }

  @Test
  void aWaitEndsWithItsTime() {
    lock.lock();
    try {
      waiters.await(Duration.ofMillis(5).toNanos());
      assertThat(lock.getHoldCount()).isOne();
    } finally {
      lock.unlock();
    }
  }

  @Test
  void whatTheCallerHeldTwiceItHoldsTwiceAgain() {
    waiting(
        () -> {
          lock.lock();
          try {
            waiters.await(LONG);
            assertThat(lock.getHoldCount()).isEqualTo(2);
          } finally {
            lock.unlock();
          }
        });

    wake();

    returned(1);
  }

  /** A condition of the JDK is broken for good where there is no memory to wake with. */
  @Test
  void wakingAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    waiting(() -> waiters.await(LONG));
    lock.lock();
    try {
      waiters.wake(); // and so everything is loaded
      long before = threads.getCurrentThreadAllocatedBytes();
      long noise = threads.getCurrentThreadAllocatedBytes() - before;
      long start = threads.getCurrentThreadAllocatedBytes();
      waiters.wake();
      assertThat(threads.getCurrentThreadAllocatedBytes() - start).isEqualTo(noise);
    } finally {
      lock.unlock();
    }
    returned(1);
  }
}
