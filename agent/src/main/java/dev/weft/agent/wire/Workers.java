package dev.weft.agent.wire;

import dev.weft.agent.control.AgentThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do the driver's work, as many as processors. A pool that runs out of memory at the
 * wrong moment counts threads that it has not, or tells nobody that there is work, and would do
 * nothing for ever; so one that leaves its work alone for long is replaced. Thread-safe.
 */
final class Workers {
  /** Threads without work end: an application at rest has none of ours here. */
  private static final int IDLE_SECONDS = 10;

  private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final AgentThreads threads;
  private volatile ThreadPoolExecutor pool;

  /** What waited longest at the last look, and since when. Confined to the thread that looks. */
  private @Nullable Runnable oldest;

  private long since;

  Workers(AgentThreads threads) {
    this.threads = threads;
    this.pool = newPool();
  }

  private ThreadPoolExecutor newPool() {
    int width = Math.max(2, Runtime.getRuntime().availableProcessors());
    ThreadPoolExecutor made =
        new ThreadPoolExecutor(
            width,
            width,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            threads.named("wire"));
    made.allowCoreThreadTimeOut(true);
    return made;
  }

  /** Runs a step on the pool, or here where the system has no thread for that. */
  void work(Runnable step) {
    try {
      execute(step);
    } catch (OutOfMemoryError noThread) {
      step.run(); // late is better than never: the event comes only once
    }
  }

  private void execute(Runnable step) {
    ThreadPoolExecutor current = pool;
    try {
      current.execute(step);
    } catch (RejectedExecutionException replaced) {
      pool.execute(step);
    }
  }

  /**
   * To be called every now and then, by one thread.
   *
   * @param now of the monotonic clock
   * @return whether the pool was lost; its work is done by another now
   */
  @SuppressWarnings("ReferenceEquality") // that very step
  boolean replaceIfLost(long now) {
    ThreadPoolExecutor current = pool;
    Runnable first = current.getQueue().peek();
    if (first == null || first != oldest) {
      oldest = first;
      since = now;
      return false;
    }
    if (now - since < LOST_NANOS) {
      return false;
    }
    pool = newPool();
    current.shutdown(); // whoever still works there goes on with what it does
    List<Runnable> left = new ArrayList<>();
    current.getQueue().drainTo(left);
    left.forEach(this::work);
    oldest = null;
    return true;
  }
}
