package dev.weft.server.authority;

import dev.weft.policy.SpiffeId;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Judges the certificate chain that a peer presented, by X509-SVID section 5. Remembers which
 * chains were signed well. Thread-safe.
 */
public final class SvidVerifier {
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final int URI_NAME = 6;
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int KEY_CERT_SIGN = 5;
  private static final int CRL_SIGN = 6;

  private final List<X509Certificate> roots;
  private final ValidPaths valid = new ValidPaths();

  /** Trusts these roots. */
  public SvidVerifier(List<X509Certificate> roots) {
    this.roots = List.copyOf(roots);
  }

  /**
   * The identity that a client's chain proves, given that the handshake proved possession of the
   * leaf's key.
   *
   * @param chain leaf first; may or may not end in a root
   * @throws Refusal {@code certificate-expired} or {@code certificate-untrusted}, naming the
   *     identity that the certificate claims
   */
  public Svid verify(List<X509Certificate> chain, String trustDomain, Instant now) throws Refusal {
    X509Certificate leaf = chain.get(0);
    SpiffeId id = spiffeId(leaf);
    if (!now.isBefore(leaf.getNotAfter().toInstant())) {
      throw expired(id, leaf.getNotAfter().toInstant(), now);
    }
    if (now.isBefore(leaf.getNotBefore().toInstant())) {
      throw untrusted(
          id.toString(),
          "it is valid only from "
              + leaf.getNotBefore().toInstant()
              + ", and this server's clock says "
              + now
              + "; compare the clocks of both machines");
    }
    if (!id.trustDomain().equals(trustDomain)) {
      throw untrusted(id.toString(), "this is trust domain " + trustDomain);
    }
    boolean[] usage = leaf.getKeyUsage();
    if (leaf.getBasicConstraints() >= 0
        || usage == null
        || !usage[DIGITAL_SIGNATURE]
        || usage[KEY_CERT_SIGN]
        || usage[CRL_SIGN]) {
      throw untrusted(id.toString(), "its basic constraints or key usage are not those of a leaf");
    }
    try {
      List<String> purposes = leaf.getExtendedKeyUsage();
      if (purposes != null && !purposes.contains(CLIENT_AUTH)) {
        throw untrusted(id.toString(), "its extended key usage lacks client authentication");
      }
      validatePath(chain, now);
    } catch (GeneralSecurityException e) {
      throw untrusted(id.toString(), String.valueOf(e.getMessage()));
    }
    return new Svid(id, leaf);
  }

  /**
   * Accepts a server whose chain ends in one of the roots and whose leaf is a config server's.
   *
   * @throws CertificateException saying what it is instead
   */
  public void verifyServer(List<X509Certificate> chain, Instant now) throws CertificateException {
    try {
      SpiffeId id = spiffeId(chain.get(0));
      if (!id.namespace().equals(ServerCertificate.NAMESPACE)
          || !id.serviceAccount().equals(ServerCertificate.SERVICE_ACCOUNT)) {
        throw new CertificateException("expected a config server, found " + id);
      }
      validatePath(chain, now);
    } catch (Refusal e) {
      throw new CertificateException(e.message(), e);
    } catch (CertificateException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new CertificateException("the server is not of this mesh: " + e.getMessage(), e);
    }
  }

  private void validatePath(List<X509Certificate> chain, Instant now)
      throws GeneralSecurityException {
    List<X509Certificate> path = new ArrayList<>(chain);
    path.removeIf(roots::contains);
    if (valid.know(path, now)) {
      return;
    }
    CertPath certPath = CertificateFactory.getInstance("X.509").generateCertPath(path);
    Set<TrustAnchor> anchors = new HashSet<>();
    roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
    PKIXParameters parameters = new PKIXParameters(anchors);
    parameters.setRevocationEnabled(false); // lives are short instead
    parameters.setDate(Date.from(now));
    if (EcdsaChecks.know(path)) {
      parameters.setSigProvider(EcdsaChecks.name());
    }
    CertPathValidator.getInstance("PKIX").validate(certPath, parameters);
    valid.add(path);
  }

  /** Spares the signatures of a certificate that this server's own authority has just made. */
  public void vouch(IssuedSvid issued) {
    try {
      valid.add(issued.chain());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e); // it was made of its encoding
    }
  }

  /**
   * The one SPIFFE ID in a certificate.
   *
   * @throws Refusal {@code certificate-untrusted} when there is none, or another URI beside it
   */
  static SpiffeId spiffeId(X509Certificate leaf) throws Refusal {
    List<String> uris = new ArrayList<>();
    String subject = leaf.getSubjectX500Principal().getName();
    try {
      Collection<List<?>> names = leaf.getSubjectAlternativeNames();
      if (names != null) {
        for (List<?> name : names) {
          if (name.get(0).equals(URI_NAME)) {
            uris.add(String.valueOf(name.get(1)));
          }
        }
      }
      if (uris.size() == 1) {
        return SpiffeId.parse(uris.get(0));
      }
    } catch (CertificateParsingException | IllegalArgumentException e) {
      throw untrusted(subject, String.valueOf(e.getMessage()));
    }
    throw untrusted(subject, "expected exactly one URI name, a SPIFFE ID, found " + uris);
  }

  /** What a peer hears whose certificate has ended. */
  public static Refusal expired(SpiffeId id, Instant end, Instant now) {
    return new Refusal(
        Kind.UNAUTHENTICATED,
        "certificate-expired",
        "The certificate of "
            + id
            + " expired at "
            + end
            + ", and this server's clock says "
            + now
            + "; if that is right, enrol again with a join token.");
  }

  private static Refusal untrusted(String whose, String why) {
    return new Refusal(
        Kind.UNAUTHENTICATED,
        "certificate-untrusted",
        "The certificate of " + whose + " is not accepted: " + why + ".");
  }
}
