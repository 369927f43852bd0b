package dev.weft.agent.wire;

import java.io.FileDescriptor;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Asks every armed descriptor in turn, a few milliseconds apart: where there is no epoll. While
 * nothing waits it costs nothing. A handshake costs one system call for each 2 ms it waits; a
 * descriptor that has waited for a second (an idle plaintext client, a peer that does not read) one
 * for each 50 ms: a thousand of them some percent of a core.
 */
final class SweepPoller implements Poller {
  private static final long PAUSE_NANOS = 2_000_000L;
  private static final long PATIENT_AFTER_NANOS = 1_000_000_000L;
  private static final long PATIENT_PAUSE_NANOS = 50_000_000L;

  private final Map<Integer, Waiting> armed = new ConcurrentHashMap<>();
  private volatile Thread sweeper = Thread.currentThread();

  private static final class Waiting {
    private final FileDescriptor fd;
    private final int events;
    private final long since = System.nanoTime();
    private long asked = since; // the sweeper's

    Waiting(FileDescriptor fd, int events) {
      this.fd = fd;
      this.events = events;
    }

    private boolean due(long now) {
      if (now - since < PATIENT_AFTER_NANOS || now - asked >= PATIENT_PAUSE_NANOS) {
        asked = now;
        return true;
      }
      return false;
    }
  }

  @Override
  public void arm(int number, int events) {
    armed.put(number, new Waiting(NativeIo.descriptor(number), events));
    LockSupport.unpark(sweeper);
  }

  @Override
  public void disarm(int number) {
    armed.remove(number);
  }

  @Override
  public void wake() {
    LockSupport.unpark(sweeper);
  }

  @Override
  public void poll(int millis, IntConsumer ready) {
    sweeper = Thread.currentThread();
    boolean[] any = new boolean[1];
    long now = System.nanoTime();
    armed.forEach(
        (number, waiting) -> {
          if (waiting.due(now) && ready(waiting) && armed.remove(number, waiting)) {
            any[0] = true;
            ready.accept(number);
          }
        });
    if (!any[0]) {
      long most = millis * 1_000_000L;
      LockSupport.parkNanos(armed.isEmpty() ? most : Math.min(most, PAUSE_NANOS));
    }
  }

  private static boolean ready(Waiting waiting) {
    try {
      return NativeIo.ready(waiting.fd, waiting.events) != 0;
    } catch (IOException closed) {
      return true; // its connection will see
    }
  }
}
