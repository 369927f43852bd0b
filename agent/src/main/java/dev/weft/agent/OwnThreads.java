package dev.weft.agent;

import dev.weft.agent.log.Log;

/**
 * The group of every thread of the agent, also of those that libraries of ours start. The wire
 * layer knows our own connections by it. What a thread of ours dies of is said in our log; the
 * application's default handler, which may well end the JVM, has nothing to do with it.
 */
final class OwnThreads extends ThreadGroup {
  private final Log log;

  OwnThreads(ThreadGroup parent, Log log) {
    super(parent, "weft");
    this.log = log;
  }

  @Override
  public void uncaughtException(Thread thread, Throwable fault) {
    try {
      log.error("thread ended name=" + thread.getName() + " because of " + fault);
    } catch (RuntimeException | Error again) {
      // no memory even for that
    }
  }
}
