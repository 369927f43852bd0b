package dev.weft.server.authority;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Refuses a signing certificate that could not sign, before anybody relies on it. */
final class AuthorityCheck {
  private static final int KEY_CERT_SIGN = 5;

  private AuthorityCheck() {}

  /**
   * Checks a chain, signing certificate first, and the signing key.
   *
   * @throws IOException naming the certificate and what is wrong with it
   */
  static void check(List<X509Certificate> chain, PrivateKey key, Instant now) throws IOException {
    for (int i = 0; i < chain.size(); i++) {
      X509Certificate certificate = chain.get(i);
      String name = certificate.getSubjectX500Principal().getName();
      boolean[] usage = certificate.getKeyUsage();
      if (certificate.getBasicConstraints() < 0 || (usage != null && !usage[KEY_CERT_SIGN])) {
        throw new IOException(name + " is not a CA certificate");
      }
      if (!now.isBefore(certificate.getNotAfter().toInstant())) {
        throw new IOException(name + " expired at " + certificate.getNotAfter().toInstant());
      }
      if (i + 1 < chain.size()) {
        try {
          certificate.verify(chain.get(i + 1).getPublicKey());
        } catch (GeneralSecurityException e) {
          throw new IOException(name + " is not signed by the certificate that follows it", e);
        }
      }
    }
    if (!matches(chain.get(0).getPublicKey(), key)) {
      throw new IOException("the private key does not belong to the certificate");
    }
  }

  private static boolean matches(PublicKey publicKey, PrivateKey privateKey) {
    byte[] probe = "weft".getBytes(StandardCharsets.UTF_8);
    try {
      Signature signature =
          Signature.getInstance(CertificateAuthority.signatureAlgorithm(privateKey));
      signature.initSign(privateKey);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(probe);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
