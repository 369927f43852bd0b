package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Whether the peer of a handshake is good for this workload <em>now</em>: against the current
 * identity, bundle and clock, whichever the handshake began with. One check for every engine, asked
 * inside a full handshake and again at the end of each, because a resumed one never shows its
 * certificates. Thread-safe.
 */
final class PeerCheck {
  private final IdentityStore identities;
  private final InstantSource clock;
  private final ProvenPaths paths = new ProvenPaths();

  PeerCheck(IdentityStore identities, InstantSource clock) {
    this.identities = identities;
    this.clock = clock;
  }

  /**
   * The ID that the peer proves.
   *
   * @param chain as the peer sent it, the leaf first
   * @param expected the only ID that will do; null: any of our trust domain
   * @param alpn what the handshake agreed on; null or empty: nothing
   * @throws CertificateException that names both identities and what was expected
   */
  SpiffeId check(
      X509Certificate @Nullable [] chain, @Nullable SpiffeId expected, @Nullable String alpn)
      throws CertificateException {
    Identity us = identities.current();
    if (us == null) {
      throw new CertificateException("this workload has no mesh identity yet");
    }
    String we = "; we are " + us.id();
    SpiffeId peer;
    try {
      peer = SvidCheck.check(chain, us.bundle(), us.id().trustDomain(), clock.instant(), paths);
    } catch (CertificateException e) {
      throw new CertificateException(e.getMessage() + we, e.getCause());
    }
    // Engines go on without ALPN when the other side offers or selects none.
    if (!MeshTls.ALPN.equals(alpn)) {
      throw new CertificateException(
          peer + " does not speak the mesh's ALPN protocol " + MeshTls.ALPN + we);
    }
    if (expected != null && !peer.equals(expected)) {
      throw new CertificateException("expected server " + expected + ", found " + peer + we);
    }
    return peer;
  }
}
