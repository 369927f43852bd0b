package dev.weft.agent.control;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.identity.Pauses;
import dev.weft.agent.log.Log;
import dev.weft.agent.privilege.Privileges;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the agent's threads: daemons named {@code weft-...} of one group, by which the wire layer
 * knows connections that are ours. Thread-safe.
 */
public final class AgentThreads {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration TOLD_EVERY = Duration.ofMinutes(1);

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
   * work returns, or when it is interrupted in such a pause.
   */
  public Thread lasting(String name, Runnable work, Log log) {
    String thread = "thread weft-" + name; // there may be no memory for it later
    return start(name, () -> again(thread, work, log));
  }

  private static void again(String thread, Runnable work, Log log) {
    boolean goesOn = true;
    while (goesOn) {
      try {
        work.run();
        goesOn = false;
      } catch (RuntimeException | Error e) {
        goesOn = paused(thread, e, log);
      }
    }
  }

  /** False: the thread shall end. Throws nothing. */
  private static boolean paused(String thread, Throwable fault, Log log) {
    try {
      Pauses.REAL.pause(PAUSE); // first: what was missing may be back then, for the line, too
      log.repeated(LogLevel.ERROR, thread, TOLD_EVERY, thread + " failed, goes on: " + fault);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (RuntimeException | Error again) {
      // no memory even for that
    }
    return true;
  }

  /** A factory for pools: {@code weft-<name>-1, -2 ...}. */
  public ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return work -> thread(name + "-" + count.incrementAndGet(), work);
  }
}
