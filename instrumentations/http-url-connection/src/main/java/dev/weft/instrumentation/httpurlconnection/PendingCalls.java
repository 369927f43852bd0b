package dev.weft.instrumentation.httpurlconnection;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The requests under way, found by the library's objects (the {@code HttpURLConnection} and its
 * current {@code HttpClient}).
 *
 * <p>Why a registry: a request is spread over several calls of the application, and woven classes
 * get no new fields. Keys are weak and compared by identity, values do not reach them, so that a
 * connection which is dropped without a word is collected; its request is then ended here.
 * Thread-safe.
 */
final class PendingCalls {
  private static final Map<Object, PendingCall> CALLS = new ConcurrentHashMap<>();
  private static final ReferenceQueue<Object> DROPPED = new ReferenceQueue<>();

  private PendingCalls() {}

  static @Nullable PendingCall of(Object owner) {
    return CALLS.isEmpty() ? null : CALLS.get(new Probe(owner));
  }

  static void put(Object owner, PendingCall call) {
    expunge();
    CALLS.put(new Key(owner), call);
  }

  static @Nullable PendingCall remove(Object owner) {
    return CALLS.remove(new Probe(owner));
  }

  private static void expunge() {
    for (Reference<?> key = DROPPED.poll(); key != null; key = DROPPED.poll()) {
      PendingCall call = CALLS.remove(key);
      if (call != null) {
        call.end(null);
      }
    }
  }

  /** A weak key. */
  private static final class Key extends WeakReference<Object> {
    private final int hash;

    Key(Object owner) {
      super(owner, DROPPED);
      hash = System.identityHashCode(owner);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (this == other) {
        return true;
      }
      Object mine = get();
      return mine != null && other instanceof Key key && key.get() == mine;
    }
  }

  /** Looks a key up without a reference object. */
  private record Probe(Object owner) {
    @Override
    public int hashCode() {
      return System.identityHashCode(owner);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key
          ? key.get() == owner
          : other instanceof Probe probe && probe.owner == owner;
    }
  }
}
