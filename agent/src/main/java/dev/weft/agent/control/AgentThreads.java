package dev.weft.agent.control;

import dev.weft.agent.log.Log;
import dev.weft.agent.privilege.Privileges;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes the agent's threads: daemons named {@code weft-...} of one group, by which the wire layer
 * knows connections that are ours. Thread-safe.
 */
public final class AgentThreads {
  private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
  private static final long LAST_PAUSE_NANOS = 60_000_000_000L;

  private final ThreadGroup group;

  /** Makes threads of {@code group}. */
  public AgentThreads(ThreadGroup group) {
    this.group = group;
  }

  /** A thread that has not started yet; {@code name} without {@code weft-}. */
  public Thread thread(String name, Runnable work) {
    return Privileges.with(() -> make("weft-" + name, work)); // pools grow on anybody's thread
  }

  private Thread make(String name, Runnable work) {
    // Nothing of the application leaks in: no inherited thread locals, our own class loader.
    Thread thread = new Thread(group, work, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(AgentThreads.class.getClassLoader());
    return thread;
  }

  /** A started thread. */
  public Thread start(String name, Runnable work) {
    Thread thread = thread(name, work);
    thread.start();
    return thread;
  }

  /**
   * A started thread whose work is done again, after a pause, when it threw: what the agent depends
   * on for as long as the application runs must not end with one OutOfMemoryError. It ends when the
   * work returns.
   */
  public Thread lasting(String name, Runnable work, Log log) {
    return start(name, () -> again(name, work, log));
  }

  private static void again(String name, Runnable work, Log log) {
    for (long pause = FIRST_PAUSE_NANOS; ; pause = Math.min(2 * pause, LAST_PAUSE_NANOS)) {
      try {
        work.run();
        return;
      } catch (RuntimeException | Error e) {
        sayAndWait(log, name, e, pause);
      }
    }
  }

  /** Throws nothing; what was missing may be back after the pause. */
  private static void sayAndWait(Log log, String name, Throwable fault, long pause) {
    try {
      log.error("thread weft-" + name + " failed, goes on: " + fault);
    } catch (RuntimeException | Error again) {
      // no memory even for that
    }
    try {
      LockSupport.parkNanos(pause);
    } catch (RuntimeException | Error again) {
      // then without a pause
    }
  }

  /** A factory for pools: {@code weft-<name>-1, -2 ...}. */
  public ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return work -> thread(name + "-" + count.incrementAndGet(), work);
  }
}
