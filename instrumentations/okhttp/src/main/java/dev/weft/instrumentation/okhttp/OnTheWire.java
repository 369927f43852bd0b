package dev.weft.instrumentation.okhttp;

import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The mesh's copy of the request that the interceptor which talks to the server sends on this
 * thread. Why a thread-local: that interceptor and its exchange have no way to hand anything
 * through; it is set for the time of their call only.
 */
final class OnTheWire {
  private static final ThreadLocal<@Nullable Request> CURRENT = new ThreadLocal<>();

  private OnTheWire() {}

  /** Null when nothing is sent for the mesh. */
  static @Nullable Request current() {
    return CURRENT.get();
  }

  /** Makes it the {@link #current} one; null: none. */
  static void current(@Nullable Request edited) {
    CURRENT.set(edited); // not removed: the next request of this thread would add it anew
  }
}
