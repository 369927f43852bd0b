package dev.weft.instrumentation;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads on which rivals block: as many as there are rivals under way, which retry budgets
 * bound; none when there are none.
 */
final class RivalThreads {
  /** They may hold what a class loader of the application has left on them. */
  private static final int KEEP_SECONDS = 5;

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final ExecutorService THREADS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          KEEP_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          RivalThreads::thread);

  private RivalThreads() {}

  /** Runs it at once. */
  static void execute(Runnable rival) {
    THREADS.execute(rival);
  }

  /** What the thread that asks for it inherits is none of its business. */
  private static Thread thread(Runnable work) {
    Thread thread = new Thread(null, work, "weft-hedge-" + NUMBER.incrementAndGet(), 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }
}
