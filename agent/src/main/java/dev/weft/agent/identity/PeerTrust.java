package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a peer that proved itself in a handshake is still to be believed, by today's identity,
 * roots and clock. Thread-safe.
 */
public final class PeerTrust {
  private final IdentityStore identities;
  private final InstantSource clock;

  /** Reads the store at each question. */
  public PeerTrust(IdentityStore identities) {
    this(identities, identities.clock());
  }

  PeerTrust(IdentityStore identities, InstantSource clock) {
    this.identities = identities;
    this.clock = clock;
  }

  /** The roots in force; null: none yet. The same object as long as nothing changes. */
  public @Nullable List<X509Certificate> bundle() {
    Identity identity = identities.current();
    return identity == null ? null : identity.bundle();
  }

  /** Who we are; null: nobody yet. */
  public @Nullable SpiffeId self() {
    Identity identity = identities.current();
    return identity == null ? null : identity.id();
  }

  /** Whether our own certificate is good now. */
  public boolean selfValid() {
    Identity identity = identities.current();
    return identity != null && !clock.instant().isAfter(identity.notAfter());
  }

  /** Whether the certificate's time is over. */
  public boolean expired(X509Certificate leaf) {
    return clock.instant().isAfter(leaf.getNotAfter().toInstant());
  }

  /**
   * Why the chain proves nothing any more, expiry apart; null: it still does.
   *
   * @param chain as the peer sent it, the leaf first
   */
  public @Nullable String distrusts(X509Certificate[] chain) {
    Identity identity = identities.current();
    if (identity == null) {
      return "this workload has no mesh identity any more";
    }
    Instant now = clock.instant();
    Instant then = now;
    for (X509Certificate certificate : chain) {
      Instant until = certificate.getNotAfter().toInstant();
      then = until.isBefore(then) ? until : then;
    }
    try {
      SvidCheck.check(chain, identity.bundle(), identity.id().trustDomain(), then);
      return null;
    } catch (CertificateException e) {
      return e.getMessage();
    }
  }
}
