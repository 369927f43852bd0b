package dev.weft.agent.control;

import dev.weft.agent.identity.Pauses;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/** Pauses that last until the test lets them end, and are remembered. */
final class Steps implements Pauses {
  final List<Duration> asked = new CopyOnWriteArrayList<>();
  private final Semaphore permits = new Semaphore(0);

  @Override
  public void pause(Duration duration) throws InterruptedException {
    asked.add(duration);
    permits.acquire();
  }

  void go() {
    permits.release();
  }
}
