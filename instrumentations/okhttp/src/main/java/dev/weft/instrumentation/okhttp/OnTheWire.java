package dev.weft.instrumentation.okhttp;

import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * What the interceptor that talks to the server does for the mesh on this thread. Why a
 * thread-local: that interceptor and its exchange have no way to hand anything through; it is set
 * for the time of their call only. Immutable.
 *
 * @param edited the request as it goes over the wire
 */
record OnTheWire(Request edited) {
  private static final ThreadLocal<@Nullable OnTheWire> CURRENT = new ThreadLocal<>();

  /** Null when nothing is sent for the mesh. */
  static @Nullable OnTheWire current() {
    return CURRENT.get();
  }

  /** Makes it the {@link #current} one; null: none. */
  static void current(@Nullable OnTheWire sent) {
    CURRENT.set(sent); // not removed: the next request of this thread would add it anew
  }
}
