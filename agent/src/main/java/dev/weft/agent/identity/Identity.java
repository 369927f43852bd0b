package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * Who this workload is, how it proves it, and whom it trusts: an X.509-SVID with the trust bundle
 * of its domain. One value, so that no handshake meets a new key with an old bundle. Immutable.
 *
 * @param chain the leaf first, then intermediates; never empty
 * @param bundle roots of the trust domain; never empty
 */
public record Identity(
    SpiffeId id, PrivateKey key, List<X509Certificate> chain, List<X509Certificate> bundle) {

  /** Copies the lists. */
  public Identity {
    chain = List.copyOf(chain);
    bundle = List.copyOf(bundle);
    if (chain.isEmpty() || bundle.isEmpty()) {
      throw new IllegalArgumentException("an identity needs a certificate and a trust bundle");
    }
  }

  /**
   * The identity that a certificate names.
   *
   * @throws CertificateException when the leaf is no X.509-SVID of the mesh's form
   */
  public static Identity of(
      PrivateKey key, List<X509Certificate> chain, List<X509Certificate> bundle)
      throws CertificateException {
    return new Identity(SvidCheck.spiffeId(chain.get(0)), key, chain, bundle);
  }

  /** The certificate that carries the SPIFFE ID. */
  public X509Certificate leaf() {
    return chain.get(0);
  }

  /** Start of the leaf's validity. */
  public Instant notBefore() {
    return leaf().getNotBefore().toInstant();
  }

  /** End of the leaf's validity. */
  public Instant notAfter() {
    return leaf().getNotAfter().toInstant();
  }

  /** The same identity with other roots. */
  public Identity withBundle(List<X509Certificate> roots) {
    return new Identity(id, key, chain, roots);
  }

  /** Never the key. */
  @Override
  public String toString() {
    return id + " until " + notAfter();
  }
}
