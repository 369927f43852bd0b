package dev.weft.agent.control;

import dev.weft.agent.privilege.Privileges;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the agent's threads: daemons named {@code weft-...} of one group, by which the wire layer
 * knows connections that are ours. Thread-safe.
 */
public final class AgentThreads {
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

  /** A factory for pools: {@code weft-<name>-1, -2 ...}. */
  public ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return work -> thread(name + "-" + count.incrementAndGet(), work);
  }
}
