package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import io.netty.internal.tcnative.CertificateVerifier;
import io.netty.internal.tcnative.SSL;
import java.io.ByteArrayInputStream;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of one BoringSSL connection: the chain it showed, now or in the session
 * that is resumed, and what our check says about it. Thread-safe: the check inside the handshake
 * runs outside the engine's lock.
 */
final class OpenSslPeer {
  /** One of those for which BoringSSL sends the alert certificate_unknown. */
  static final int UNFIT = CertificateVerifier.X509_V_ERR_PERMITTED_VIOLATION;

  private final PeerCheck check;
  private final boolean server; // the peer is one
  private final @Nullable SpiffeId expected;

  private volatile X509Certificate @Nullable [] chain;
  private volatile @Nullable CertificateException refusal;
  private volatile @Nullable Instant proven; // until when, by the certificate

  /**
   * A peer that has shown nothing yet.
   *
   * @param destination where a client went; null: the peer is a client
   */
  OpenSslPeer(PeerCheck check, @Nullable Destination destination) {
    this.check = check;
    this.server = destination != null;
    this.expected = destination == null ? null : destination.expected();
  }

  /** The check inside a full handshake; what BoringSSL wants to know is the alert to send. */
  int verify(byte[][] sent, @Nullable String alpn) {
    try {
      X509Certificate[] parsed = parse(sent);
      check.check(parsed, expected, alpn);
      chain = parsed;
      return CertificateVerifier.X509_V_OK;
    } catch (CertificateException e) {
      refusal = e;
      return reason(e);
    } catch (RuntimeException e) { // of a parser, by what a peer sent
      refusal = new CertificateException("the peer's certificate cannot be read", e);
      return UNFIT;
    }
  }

  private static int reason(CertificateException e) {
    if (e.getCause() instanceof CertPathValidatorException path) {
      if (path.getReason() == BasicReason.EXPIRED) {
        return CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
      }
      if (path.getReason() == BasicReason.NOT_YET_VALID) {
        return CertificateVerifier.X509_V_ERR_CERT_NOT_YET_VALID;
      }
      if (path.getReason() == PKIXReason.NO_TRUST_ANCHOR) {
        return CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
      }
    }
    return UNFIT;
  }

  /** The check at the end of every handshake. Under the engine's lock. */
  SpiffeId prove(long ssl) throws CertificateException {
    X509Certificate[] sent = chain(ssl);
    SpiffeId peer = check.check(sent, expected, SSL.getAlpnSelected(ssl));
    proven = sent[0].getNotAfter().toInstant();
    return peer;
  }

  /** Until when the peer's certificate is good; null: it has not been {@link #prove}d. */
  @Nullable Instant proven() {
    return proven;
  }

  /** Why the handshake's check failed; null: it has not. */
  @Nullable CertificateException refusal() {
    return refusal;
  }

  /** As the peer sent it, the leaf first. Under the engine's lock. */
  X509Certificate[] chain(long ssl) throws CertificateException {
    X509Certificate[] known = chain;
    if (known == null) {
      known = parse(resumed(ssl));
      chain = known;
    }
    return known;
  }

  /** The chain in the session. A server gets the leaf apart from the rest. */
  private byte[][] resumed(long ssl) {
    byte[] leaf = SSL.getPeerCertificate(ssl);
    if (leaf == null) {
      return new byte[0][];
    }
    byte[][] rest = SSL.getPeerCertChain(ssl);
    if (rest == null) {
      return new byte[][] {leaf};
    }
    if (server) {
      return rest;
    }
    byte[][] all = new byte[1 + rest.length][];
    all[0] = leaf;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  private static X509Certificate[] parse(byte[][] sent) throws CertificateException {
    CertificateFactory factory = Jdk.certificateFactory();
    X509Certificate[] chain = new X509Certificate[sent.length];
    for (int i = 0; i < sent.length; i++) {
      chain[i] = (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(sent[i]));
    }
    return chain;
  }
}
