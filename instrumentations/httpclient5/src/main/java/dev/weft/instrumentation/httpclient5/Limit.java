package dev.weft.instrumentation.httpclient5;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Does something on another thread when a time is over, unless it is cancelled before. Thread-safe.
 */
final class Limit implements AutoCloseable {
  private final CompletableFuture<Void> timer = new CompletableFuture<>();

  private Limit() {}

  /** No limit. */
  static Limit none() {
    return new Limit();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the action is all that comes of it
  static Limit after(Duration duration, Runnable action) {
    Limit limit = new Limit();
    limit
        .timer
        .orTimeout(Math.max(0, duration.toNanos()), TimeUnit.NANOSECONDS)
        .exceptionallyAsync(
            over -> {
              action.run();
              return null;
            });
    return limit;
  }

  /** Returns false when the time was over before; then the action runs, or has run. */
  boolean cancel() {
    return timer.complete(null);
  }

  @Override
  public void close() {
    cancel();
  }
}
