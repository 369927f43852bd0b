package dev.weft.agent.identity;

import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds the current identity, swapped by one volatile write, and the clock by which it and its
 * peers are judged. Thread-safe.
 */
public final class IdentityStore {
  private final List<Consumer<Identity>> listeners = new CopyOnWriteArrayList<>();
  private final InstantSource clock;
  private volatile @Nullable Identity current;
  private volatile @Nullable Identity previous;

  /** An empty store that goes by this machine's time of day. */
  public IdentityStore() {
    this(InstantSource.system());
  }

  /** An empty store. */
  public IdentityStore(InstantSource clock) {
    this.clock = clock;
  }

  /** What time it is for certificates. */
  public InstantSource clock() {
    return clock;
  }

  /** The current identity, or null before the first. It may have expired. */
  public @Nullable Identity current() {
    return current;
  }

  /**
   * Swaps the identity and tells the listeners, on the caller's thread. Live connections keep the
   * old one.
   */
  public void publish(Identity identity) {
    synchronized (this) {
      previous = current;
      current = identity;
    }
    listeners.forEach(listener -> listener.accept(identity));
  }

  /** Replaces the roots of the current identity; does nothing before the first identity. */
  public void trust(List<X509Certificate> bundle) {
    Identity changed;
    synchronized (this) {
      Identity now = current;
      if (now == null || now.bundle().equals(bundle)) {
        return;
      }
      changed = now.withBundle(bundle);
      current = changed;
    }
    listeners.forEach(listener -> listener.accept(changed));
  }

  /** Calls {@code listener} after each later swap. */
  public void onChange(Consumer<Identity> listener) {
    listeners.add(listener);
  }

  /**
   * The current identity, or the one before it, by its alias. A handshake asks for key and chain
   * one after the other; a renewal between the two must not mix them.
   */
  @Nullable Identity byAlias(String alias) {
    Identity now = current;
    if (now != null && alias(now).equals(alias)) {
      return now;
    }
    Identity before = previous;
    return before != null && alias(before).equals(alias) ? before : null;
  }

  static String alias(Identity identity) {
    return identity.leaf().getSerialNumber().toString(16);
  }
}
