package dev.weft.agent.wire;

import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.log.Log;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Completes handshakes and lingering closes, so that no application thread has to: one thread waits
 * on a {@link Poller} of its own, {@link Workers} do the work, so that one slow peer holds nobody
 * up. An established connection is out of its hands. Thread-safe.
 */
final class Driver {
  private static final int TICK_MILLIS = 250;

  /** How exact the times of {@link Timed} things are kept. */
  private static final int SOON_MILLIS = 25;

  private final Map<Integer, MeshConnection> waiting = new ConcurrentHashMap<>();
  private final Set<Timed> soon = ConcurrentHashMap.newKeySet();
  private final List<Regularly> regular = new CopyOnWriteArrayList<>();
  private final Workers workers;
  private final Log log;
  private final Poller poller;

  Driver(ThreadGroup group, Log log) throws IOException {
    this.log = log;
    this.poller = Poller.open();
    AgentThreads threads = new AgentThreads(group);
    this.workers = new Workers(threads);
    threads.lasting("wire-poll", this::poll, log);
  }

  /**
   * Calls {@link MeshConnection#ready} once when one of the events is there, or the connection is
   * due.
   */
  void await(MeshConnection connection, int events) {
    int number = connection.number();
    waiting.put(number, connection);
    poller.arm(number, events);
  }

  /** The connection is closed or established; its number may be used again. */
  void forget(MeshConnection connection) {
    if (waiting.remove(connection.number(), connection)) {
      poller.disarm(connection.number());
    }
  }

  /** Calls {@link Timed#expire} soon after it is due. */
  void watch(Timed timed) {
    boolean atRest = soon.isEmpty();
    soon.add(timed);
    if (atRest) {
      poller.wake(); // it may have begun a long wait
    }
  }

  /** Does a task again and again, on the pool; to a quarter of a second. */
  void regularly(Runnable task, Duration every) {
    regular.add(new Regularly(task, every.toNanos()));
  }

  private final class Regularly implements Timed {
    private final Runnable task;
    private final long every;
    private volatile long next;

    Regularly(Runnable task, long every) {
      this.task = task;
      this.every = every;
      this.next = System.nanoTime() + every;
    }

    @Override
    public boolean overdue(long now) {
      return now - next >= 0;
    }

    @Override
    public void expire() {
      next = System.nanoTime() + every;
      task.run();
    }

    @Override
    public void abort(Throwable fault) {
      log.error("wire driver: " + fault);
    }
  }

  /** It needs no looking after any more. */
  void unwatch(Timed timed) {
    soon.remove(timed);
  }

  /**
   * Waits at most this long for what applications have written early to be sent: a kernel would
   * send it even after the process has ended.
   */
  void finish(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() - end < 0 && unsent()) {
      LockSupport.parkNanos(5_000_000L);
    }
  }

  private boolean unsent() {
    for (MeshConnection connection : waiting.values()) {
      if (connection.unsent()) {
        return true;
      }
    }
    return false;
  }

  private void poll() {
    long nextTick = System.nanoTime();
    while (true) {
      try {
        poller.poll(soon.isEmpty() ? TICK_MILLIS : SOON_MILLIS, this::ready);
        long now = System.nanoTime();
        expireOf(soon, now);
        if (now - nextTick >= 0) {
          nextTick = now + TICK_MILLIS * 1_000_000L;
          expireOf(regular, now);
          if (workers.replaceIfLost(now)) {
            log.warn("wire driver has new threads: the old ones did nothing");
          }
          for (MeshConnection connection : waiting.values()) {
            if (connection.overdue(now)) {
              work(() -> step(connection, connection::expire));
            }
          }
        }
      } catch (IOException | RuntimeException | Error e) {
        goOn(e); // without us nothing connects
      }
    }
  }

  private void expireOf(Collection<? extends Timed> watched, long now) {
    for (Timed timed : watched) {
      if (timed.overdue(now)) {
        work(() -> expire(timed));
      }
    }
  }

  private void ready(int number) {
    MeshConnection connection = waiting.get(number);
    if (connection != null) {
      work(() -> step(connection, connection::ready));
    }
  }

  /** Throws nothing: a fault is that thing's alone, and no business of the JVM's handlers. */
  private void expire(Timed timed) {
    try {
      if (timed.overdue(System.nanoTime())) { // a call that came before may have moved the time
        timed.expire();
      }
    } catch (RuntimeException | Error e) {
      try {
        timed.abort(e);
      } catch (RuntimeException | Error again) {
        goOn(again);
      }
    }
  }

  private void goOn(Throwable fault) {
    try {
      log.error("wire driver failed, goes on: " + fault);
    } catch (RuntimeException | Error again) {
      // no memory even for that
    }
    LockSupport.parkNanos(TICK_MILLIS * 1_000_000L);
  }

  /** Runs a step on a thread of ours. */
  void work(Runnable step) {
    workers.work(step);
  }

  /** Throws nothing: a fault is that connection's alone, and no business of the JVM's handlers. */
  private void step(MeshConnection connection, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      try {
        connection.abort(e);
      } catch (RuntimeException | Error again) {
        goOn(again);
      }
    }
  }
}
