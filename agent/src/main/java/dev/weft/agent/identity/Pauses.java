package dev.weft.agent.identity;

import java.time.Duration;

/** Waiting, as a parameter: a test waits in no time. */
public interface Pauses {
  /** Real time. */
  Pauses REAL = duration -> Thread.sleep(duration.toMillis());

  /** Returns when the duration is over. */
  void pause(Duration duration) throws InterruptedException;
}
