package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a certificate chain must be to prove a SPIFFE ID. Stateless. Every refusal is a {@link
 * CertificateException} whose message says what was expected and what was found, and whose cause,
 * where TLS has an alert of its own for it, is the {@link CertPathValidatorException} that makes
 * JSSE send that alert.
 *
 * @see <a href="https://spiffe.io/docs/latest/spiffe-specs/x509-svid/">X.509-SVID, sections 4 and
 *     5</a>
 */
final class SvidCheck {
  private static final int URI = 6;
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int KEY_CERT_SIGN = 5;
  private static final int CRL_SIGN = 6;
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_USAGE = "2.5.29.37.0";

  /** As the JDK's own TLS has it. Each certificate costs a signature to check. */
  private static final int LONGEST_CHAIN = 10;

  private static final int LEAST_EC_BITS = 256;
  private static final int LEAST_RSA_BITS = 2048;

  private SvidCheck() {}

  /**
   * The ID that the chain proves.
   *
   * @param chain as the peer sent it, the leaf first
   * @param bundle roots to end in
   * @param trustDomain the only one accepted; null: any (the config server before we are enrolled)
   */
  static SpiffeId check(
      X509Certificate @Nullable [] chain,
      List<X509Certificate> bundle,
      @Nullable String trustDomain,
      Instant now)
      throws CertificateException {
    return check(chain, bundle, trustDomain, now, new ProvenPaths());
  }

  /** The same, sparing the signatures of chains that {@code paths} knows. */
  static SpiffeId check(
      X509Certificate @Nullable [] chain,
      List<X509Certificate> bundle,
      @Nullable String trustDomain,
      Instant now,
      ProvenPaths paths)
      throws CertificateException {
    if (chain == null || chain.length == 0) {
      throw new CertificateException("the peer sent no certificate");
    }
    if (chain.length > LONGEST_CHAIN) {
      throw new CertificateException(
          "the peer sent " + chain.length + " certificates, " + LONGEST_CHAIN + " are allowed");
    }
    SpiffeId id = spiffeId(chain[0]);
    if (trustDomain != null && !id.trustDomain().equals(trustDomain)) {
      throw new CertificateException(
          "expected a peer of trust domain " + trustDomain + ", found " + id);
    }
    for (X509Certificate certificate : chain) {
      checkValidity(certificate, id, now);
    }
    checkUsage(chain[0], id);
    checkStrength(chain[0].getPublicKey(), id);
    List<X509Certificate> sent = List.of(chain);
    if (!paths.contains(sent, bundle)) {
      checkPath(chain, bundle, id, now);
      paths.add(sent, bundle);
    }
    return id;
  }

  /** The ID in a certificate, proven or not: exactly one URI SAN (section 2). */
  static SpiffeId spiffeId(X509Certificate leaf) throws CertificateException {
    List<String> uris = new ArrayList<>();
    try {
      Collection<List<?>> names = leaf.getSubjectAlternativeNames();
      for (List<?> name : names == null ? List.<List<?>>of() : names) {
        if (Integer.valueOf(URI).equals(name.get(0))) {
          uris.add(String.valueOf(name.get(1)));
        }
      }
    } catch (CertificateParsingException e) {
      throw new CertificateException("the certificate's names cannot be read", e);
    }
    if (uris.size() != 1) {
      throw new CertificateException(
          "expected exactly one URI (the SPIFFE ID) in the certificate, found " + uris);
    }
    try {
      return SpiffeId.parse(uris.get(0));
    } catch (IllegalArgumentException e) {
      throw new CertificateException(e.getMessage(), e);
    }
  }

  private static void checkValidity(X509Certificate certificate, SpiffeId id, Instant now)
      throws CertificateException {
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    if (now.isBefore(from)) {
      throw refusal(
          "the certificate of " + id + " is valid only in " + between(now, from) + clock(now),
          BasicReason.NOT_YET_VALID);
    }
    if (now.isAfter(until)) {
      throw refusal(
          "the certificate of " + id + " expired " + between(until, now) + " ago" + clock(now),
          BasicReason.EXPIRED);
    }
  }

  private static String clock(Instant now) {
    return " (this machine's clock says " + now + "; compare the clocks of both machines)";
  }

  private static String between(Instant from, Instant to) {
    Duration gap = Duration.between(from, to);
    return gap.toSeconds() == 0
        ? gap.toMillis() + "ms"
        : gap.truncatedTo(ChronoUnit.SECONDS).toString().substring(2).toLowerCase(Locale.ROOT);
  }

  private static void checkUsage(X509Certificate leaf, SpiffeId id) throws CertificateException {
    if (leaf.getBasicConstraints() >= 0) {
      throw new CertificateException("the certificate of " + id + " is an authority's, not a leaf");
    }
    boolean[] usage = leaf.getKeyUsage();
    if (usage == null || !usage[DIGITAL_SIGNATURE]) {
      throw new CertificateException(
          "the certificate of " + id + " lacks the key usage digitalSignature");
    }
    if (usage[KEY_CERT_SIGN] || usage[CRL_SIGN]) {
      throw new CertificateException(
          "the certificate of " + id + " may sign certificates or CRLs; a leaf must not");
    }
    List<String> extended = leaf.getExtendedKeyUsage();
    if (extended != null
        && !extended.contains(ANY_USAGE)
        && !(extended.contains(SERVER_AUTH) && extended.contains(CLIENT_AUTH))) {
      throw new CertificateException(
          "the certificate of "
              + id
              + " must be for server and client authentication, found "
              + extended);
    }
  }

  /** Of the leaf; the path's own algorithms are the JDK's {@code jdk.certpath} settings. */
  private static void checkStrength(PublicKey key, SpiffeId id) throws CertificateException {
    int bits = 0;
    int least = 0;
    if (key instanceof ECKey curve) {
      bits = curve.getParams().getCurve().getField().getFieldSize();
      least = LEAST_EC_BITS;
    } else if (key instanceof RSAKey modulus) {
      bits = modulus.getModulus().bitLength();
      least = LEAST_RSA_BITS;
    }
    if (bits < least) {
      throw new CertificateException(
          "the key of "
              + id
              + " is too weak: "
              + key.getAlgorithm()
              + " of "
              + bits
              + " bits, at least "
              + least
              + " are needed");
    }
  }

  private static void checkPath(
      X509Certificate[] chain, List<X509Certificate> bundle, SpiffeId id, Instant now)
      throws CertificateException {
    Set<TrustAnchor> anchors = new HashSet<>();
    for (X509Certificate root : bundle) {
      anchors.add(new TrustAnchor(root, null));
    }
    // A path ends before its anchor, but peers may send the root too.
    List<X509Certificate> path = new ArrayList<>();
    for (X509Certificate certificate : chain) {
      if (bundle.contains(certificate)) {
        break;
      }
      path.add(certificate);
    }
    try {
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      // The JDK's own: nothing an application installed may decide here.
      parameters.setSigProvider(null);
      Jdk.pathValidator().validate(Jdk.certificateFactory().generateCertPath(path), parameters);
    } catch (CertPathValidatorException e) {
      boolean stranger = e.getReason() == PKIXReason.NO_TRUST_ANCHOR;
      throw new CertificateException(
          "the certificate of "
              + id
              + (stranger
                  ? " comes from no root of our trust bundle (issuer \""
                      + path.get(path.size() - 1).getIssuerX500Principal()
                      + "\")"
                  : " has no valid path to our trust bundle: " + e.getMessage()),
          e);
    } catch (GeneralSecurityException e) {
      throw new CertificateException("the certificate of " + id + " cannot be checked", e);
    }
  }

  private static CertificateException refusal(String message, BasicReason reason) {
    return new CertificateException(
        message, new CertPathValidatorException(message, null, null, -1, reason));
  }
}
