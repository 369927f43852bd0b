package dev.weft.instrumentation.javanethttp;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The future that the application holds over all attempts. As with the client's own, cancelling it,
 * or a stage that depends on it, cancels the exchange on the wire. Thread-safe.
 */
final class MeshFuture<T> extends CompletableFuture<T> {
  private final Wire wire;

  MeshFuture() {
    this(new Wire());
  }

  private MeshFuture(Wire wire) {
    this.wire = wire;
  }

  /**
   * What is under way now.
   *
   * @param stop cancels it
   */
  void underWay(Runnable stop) {
    wire.underWay(stop);
  }

  /** Stops what is on the wire; there will be no other. */
  void stop() {
    wire.stop();
  }

  /** Whether nothing may be sent any more. */
  boolean stopped() {
    return wire.stopped || isDone();
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new MeshFuture<>(wire);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean first = !isDone();
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (first && mayInterruptIfRunning) {
      wire.stop();
    }
    return cancelled;
  }

  /** What all futures of one call share. */
  private static final class Wire {
    private volatile boolean stopped;
    private volatile @Nullable Runnable stop;

    void underWay(Runnable newStop) {
      stop = newStop;
      if (stopped) {
        newStop.run();
      }
    }

    void stop() {
      stopped = true;
      Runnable current = stop;
      if (current != null) {
        current.run();
      }
    }
  }
}
