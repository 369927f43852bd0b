package dev.weft.instrumentation.httpclient5;

import java.util.function.BooleanSupplier;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.jspecify.annotations.Nullable;

/**
 * Whom a fork of the library's runtime tells what it waits for; it is cancelled once. Thread-safe.
 */
final class ForkCancellation implements CancellableDependency {
  private final BooleanSupplier aborted;
  private @Nullable Cancellable waiting;
  private boolean cancelled;

  /**
   * Nothing is waited for.
   *
   * @param aborted whether the application has cancelled the request
   */
  ForkCancellation(BooleanSupplier aborted) {
    this.aborted = aborted;
  }

  @Override
  public void setDependency(Cancellable dependency) {
    boolean late;
    synchronized (this) {
      waiting = dependency;
      late = cancelled;
    }
    if (late) {
      dependency.cancel();
    }
  }

  @Override
  public boolean isCancelled() {
    synchronized (this) {
      if (cancelled) {
        return true;
      }
    }
    return aborted.getAsBoolean();
  }

  @Override
  public boolean cancel() {
    Cancellable current;
    synchronized (this) {
      cancelled = true;
      current = waiting;
    }
    return current != null && current.cancel();
  }
}
