package dev.weft.agent.control;

import java.time.Duration;

/** This workload's place in the registry, as far as leaving it goes. Thread-safe. */
public interface Membership {
  /** Whether others may be sending requests here because a config server told them to. */
  boolean serving();

  /**
   * Leaves, for good, and waits until the others know. On a thread of ours.
   *
   * @param answer how long the config server may keep silent
   * @param known longest wait for all others
   */
  Departed leave(Duration answer, Duration known) throws InterruptedException;
}
