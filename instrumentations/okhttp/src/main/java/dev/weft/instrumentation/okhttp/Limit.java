package dev.weft.instrumentation.okhttp;

import java.util.concurrent.TimeUnit;
import okio.AsyncTimeout;
import org.jspecify.annotations.Nullable;

/**
 * A limit of the mesh, kept by the library's own timer: when it is over, the exchange is cancelled,
 * not the call. Thread-safe.
 */
final class Limit extends AsyncTimeout {
  private volatile @Nullable Object exchange;
  private volatile boolean over;
  private boolean running;

  /** Starts the clock, which ends after this many nanoseconds. */
  synchronized void start(long nanos) {
    timeout(Math.max(1, nanos), TimeUnit.NANOSECONDS); // zero would mean no limit
    enter();
    running = true;
  }

  /** Stops the clock; idempotent. */
  synchronized void stop() {
    if (running) {
      running = false;
      if (exit()) {
        over = true; // the timer may be about to say so
      }
    }
  }

  /** What is to be cancelled from now on. */
  void guard(Object current) {
    exchange = current;
    if (over) {
      LibraryCall.cancel(current);
    }
  }

  /** Whether it ran out before it was stopped. */
  boolean over() {
    return over;
  }

  @Override
  protected void timedOut() {
    over = true;
    Object current = exchange;
    if (current != null) {
      LibraryCall.cancel(current);
    }
  }
}
