package dev.weft.instrumentation;

import java.security.AccessController;
import java.security.PrivilegedAction;
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

  /** The pool grows on anybody's thread, of which nothing is inherited: no permissions either. */
  @SuppressWarnings("removal") // without a replacement, and without effect where it is gone
  private static Thread thread(Runnable work) {
    return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> make(work));
  }

  /** Not in the agent's own group, whose connections pass the wire layer by. */
  private static Thread make(Runnable work) {
    ThreadGroup top = Thread.currentThread().getThreadGroup();
    while (top.getParent() != null) {
      top = top.getParent();
    }
    Thread thread = new Thread(top, work, "weft-hedge-" + NUMBER.incrementAndGet(), 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }
}
