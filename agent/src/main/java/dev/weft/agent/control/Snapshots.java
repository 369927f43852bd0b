package dev.weft.agent.control;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Holds the current view; swapped by one volatile write. Thread-safe. */
public final class Snapshots {
  private final List<Consumer<MeshView>> listeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable MeshView current;

  /** The current view, or null before the first snapshot. Read once per call and pass it down. */
  public @Nullable MeshView current() {
    return current;
  }

  /** Swaps the view and tells the listeners, on the caller's thread. */
  public void publish(MeshView view) {
    current = view;
    listeners.forEach(listener -> listener.accept(view));
  }

  /** Calls {@code listener} after each later swap. */
  public void onChange(Consumer<MeshView> listener) {
    listeners.add(listener);
  }
}
