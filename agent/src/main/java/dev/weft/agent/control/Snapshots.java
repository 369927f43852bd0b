package dev.weft.agent.control;

import dev.weft.agent.log.Log;
import dev.weft.bootstrap.Wire;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Holds the current view; swapped by one volatile write. Thread-safe. */
public final class Snapshots {
  private final List<Consumer<MeshView>> listeners = new CopyOnWriteArrayList<>();
  private final CountDownLatch first = new CountDownLatch(1);
  private final Log log;
  private final Wants wants;
  private volatile @Nullable MeshView current;

  /** No view yet; what goes wrong in a listener is said in {@code log}. */
  public Snapshots(Log log) {
    this(log, Wire::ownThread);
  }

  Snapshots(Log log, BooleanSupplier ownThread) {
    this.log = log;
    this.wants = new Wants(this, ownThread);
  }

  /** Where services are asked for of which the view has only the names. */
  public Wants wants() {
    return wants;
  }

  /** The current view, or null before the first snapshot. Read once per call and pass it down. */
  public @Nullable MeshView current() {
    return current;
  }

  /**
   * Swaps the view and tells the listeners, on the caller's thread. The view is in force whatever a
   * listener throws: a failure is logged, and the others are told all the same.
   */
  public void publish(MeshView view) {
    current = view;
    for (Consumer<MeshView> listener : listeners) {
      try {
        listener.accept(view);
      } catch (RuntimeException e) {
        log.error(
            "policy in force but not taken over everywhere version="
                + view.snapshot().version()
                + ": "
                + e);
      }
    }
    first.countDown();
  }

  /** Calls {@code listener} after each later swap. */
  public void onChange(Consumer<MeshView> listener) {
    listeners.add(listener);
  }

  /**
   * Waits for the first snapshot and its listeners.
   *
   * @return whether it came; false too when the thread was interrupted, which it stays
   */
  public boolean awaitFirst(Duration atMost) {
    try {
      return first.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
