package dev.weft.instrumentation;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Does something on another thread when a time is over, unless it is cancelled before, which costs
 * no thread: {@code exceptionallyAsync} would take one then, too, and on two processors the default
 * pool of futures starts a new one each time. Thread-safe.
 */
public final class Limit implements AutoCloseable {
  private static final Limit NONE = new Limit(null);

  private final @Nullable CompletableFuture<Void> timer;

  private Limit(@Nullable CompletableFuture<Void> timer) {
    this.timer = timer;
  }

  /** No limit. */
  public static Limit none() {
    return NONE;
  }

  /** Begins; the action runs at most once. */
  @SuppressWarnings("FutureReturnValueIgnored") // the action is all that comes of it
  public static Limit after(Duration duration, Runnable action) {
    CompletableFuture<Void> timer = new CompletableFuture<>();
    timer
        .orTimeout(Math.max(0, duration.toNanos()), TimeUnit.NANOSECONDS)
        .whenComplete(
            (cancelled, over) -> {
              if (over != null) {
                CompletableFuture.runAsync(action); // the timers' thread is everybody's
              }
            });
    return new Limit(timer);
  }

  /** Returns false when the time was over before; then the action runs, or has run. */
  public boolean cancel() {
    return timer == null || timer.complete(null);
  }

  @Override
  public void close() {
    cancel();
  }
}
