package dev.weft.agent.control;

import dev.weft.agent.identity.Pauses;
import dev.weft.agent.log.Log;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Leaves the registry: says that this workload drains, and asks again and again until no agent is
 * left that does not know it. The asking has a thread of its own, because a server that does not
 * answer must not keep whoever waits for it. Thread-safe.
 */
final class Departure implements Runnable {
  /** Soon at first, and then so that many instances of one identity stay within its limits. */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  private static final Duration LONGEST_PAUSE = Duration.ofMillis(400);

  private final ControlApi api;
  private final URI server;
  private final String instance;
  private final Pauses pauses;
  private final Log log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private Departed departed = Departed.UNTOLD;
  private long answeredAt = System.nanoTime();
  private boolean over;

  Departure(ControlApi api, URI server, String instance, Pauses pauses, Log log) {
    this.api = api;
    this.server = server;
    this.instance = instance;
    this.pauses = pauses;
    this.log = log;
  }

  /** Asks until everybody knows, or the server does not know what is asked. */
  @Override
  public void run() {
    try {
      Duration pause = FIRST_PAUSE;
      while (ask()) {
        pauses.pause(pause);
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lock.lock();
    try {
      over = true;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether to ask again. */
  private boolean ask() throws InterruptedException {
    try {
      Map<String, Object> answer = api.call(server, "/v1/drain", Map.of("instance", instance));
      boolean known = answer.get("waitingFor") instanceof Number left && left.longValue() == 0;
      tell(known ? Departed.KNOWN : Departed.TOLD);
      return !known;
    } catch (RefusedException e) {
      log.debug("the config server does not drain: " + RefusedException.describe(e));
      return false; // of another version, or we are not registered
    } catch (IOException e) {
      log.debug("the config server was not told: " + RefusedException.describe(e));
      return true;
    }
  }

  private void tell(Departed now) {
    lock.lock();
    try {
      departed = now;
      answeredAt = System.nanoTime();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until everybody knows.
   *
   * @param answer how long the server may keep silent: it may end while we do
   * @param known how long to wait for the others
   */
  Departed await(Duration answer, Duration known) throws InterruptedException {
    long end = System.nanoTime() + known.toNanos();
    lock.lock();
    try {
      answeredAt = System.nanoTime();
      while (departed != Departed.KNOWN && !over) {
        long now = System.nanoTime();
        long left = Math.min(end - now, answeredAt + answer.toNanos() - now);
        if (left <= 0) {
          break;
        }
        news.await(left, TimeUnit.NANOSECONDS);
      }
      return departed;
    } finally {
      lock.unlock();
    }
  }
}
