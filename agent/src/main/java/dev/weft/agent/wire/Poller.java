package dev.weft.agent.wire;

import java.io.IOException;
import java.util.function.IntConsumer;

/**
 * Where the {@link Driver} waits for descriptors of its connections. {@link #arm} may be called by
 * anyone, {@link #poll} by one thread.
 */
interface Poller {
  /** Names the implementation: for tests, which play the one that this machine would not take. */
  String PROPERTY = "dev.weft.wire.poller";

  /** The one of this platform. */
  static Poller open() throws IOException {
    return EpollPoller.present() && !"sweep".equals(System.getProperty(PROPERTY))
        ? EpollPoller.open()
        : new SweepPoller();
  }

  /**
   * Reports the descriptor once, when one of the events is there; what was asked of it before is
   * forgotten. A report may be about an earlier descriptor of the same number.
   *
   * @param events {@code Net.POLLIN}, {@code Net.POLLOUT}
   */
  void arm(int number, int events);

  /** The descriptor need not be reported any more, though it may be. */
  void disarm(int number);

  /** Ends the wait that is under way, or the next one. May be called by anyone. */
  void wake();

  /** Waits at most this long, and reports who is ready. */
  void poll(int millis, IntConsumer ready) throws IOException;
}
