package dev.weft.agent.control;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Holds the current view; swapped by one volatile write. Thread-safe. */
public final class Snapshots {
  private final List<Consumer<MeshView>> listeners = new CopyOnWriteArrayList<>();
  private final CountDownLatch first = new CountDownLatch(1);
  private volatile @Nullable MeshView current;

  /** The current view, or null before the first snapshot. Read once per call and pass it down. */
  public @Nullable MeshView current() {
    return current;
  }

  /** Swaps the view and tells the listeners, on the caller's thread. */
  public void publish(MeshView view) {
    current = view;
    listeners.forEach(listener -> listener.accept(view));
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
