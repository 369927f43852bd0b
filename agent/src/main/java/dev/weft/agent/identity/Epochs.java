package dev.weft.agent.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one identity, its bundle, and at most one hour: a TLS context with its ticket
 * keys and its sessions. When one of them changes the next handshake begins a new epoch, and every
 * ticket of the old one, here and at our peers, leads to a full handshake. Thread-safe.
 */
final class Epochs<T> {
  /** Longest life of a session. */
  static final Duration LONGEST = Duration.ofHours(1);

  /** Begins an epoch. */
  interface Beginning<T> {
    T of(Identity identity) throws SSLException;
  }

  private record Epoch<T>(Identity identity, Instant end, T context) {}

  private final IdentityStore identities;
  private final InstantSource clock;
  private final Beginning<T> begin;
  private final Consumer<T> end;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Epoch<T> current;

  Epochs(IdentityStore identities, InstantSource clock, Beginning<T> begin, Consumer<T> end) {
    this.identities = identities;
    this.clock = clock;
    this.begin = begin;
    this.end = end;
  }

  /**
   * The context for a handshake that begins now.
   *
   * @throws SSLException when there is no identity yet, or it has expired
   */
  T current() throws SSLException {
    Instant now = clock.instant();
    Identity identity = usable(now);
    Epoch<T> epoch = current;
    return epoch != null && fits(epoch, identity, now) ? epoch.context : renew(identity, now);
  }

  private T renew(Identity identity, Instant now) throws SSLException {
    lock.lock();
    try {
      Epoch<T> old = current;
      if (old != null && fits(old, identity, now)) {
        return old.context;
      }
      T context = begin.of(identity);
      current = new Epoch<>(identity, now.plus(LONGEST), context);
      if (old != null) {
        end.accept(old.context);
      }
      return context;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("ReferenceEquality") // the store's very object, or it has been swapped
  private static boolean fits(Epoch<?> epoch, Identity identity, Instant now) {
    return epoch.identity == identity
        && now.isBefore(epoch.end)
        && now.isAfter(epoch.end.minus(LONGEST).minusSeconds(1)); // or the clock jumped back
  }

  private Identity usable(Instant now) throws SSLException {
    Identity identity = identities.current();
    if (identity == null) {
      throw new SSLException("this workload has no mesh identity yet");
    }
    if (now.isAfter(identity.notAfter())) {
      throw new SSLException(
          "the certificate of this workload, "
              + identity.id()
              + ", expired at "
              + identity.notAfter()
              + " and was not renewed (this machine's clock says "
              + now
              + ")");
    }
    return identity;
  }
}
