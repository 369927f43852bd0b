package dev.weft.agent.identity;

import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Provider;
import java.security.Security;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's own security providers, by name: what an application installs, puts first or sets as
 * default never takes part in the mesh's handshakes.
 */
final class Jdk {
  static final String EC_PROVIDER = "SunEC";
  static final String RSA_PROVIDER = "SunRsaSign";
  private static final String BASE_PROVIDER = "SUN";

  /** Held from the start, because an application may remove it later. */
  private static final @Nullable Provider JSSE = Security.getProvider("SunJSSE");

  private Jdk() {}

  static SSLContext tls() {
    if (JSSE == null) {
      throw new IllegalStateException("this JVM has no SunJSSE provider; the mesh needs it");
    }
    try {
      return SSLContext.getInstance("TLSv1.3", JSSE);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM's SunJSSE has no TLS 1.3", e);
    }
  }

  static CertificateFactory certificateFactory() throws CertificateException {
    try {
      return CertificateFactory.getInstance("X.509", BASE_PROVIDER);
    } catch (NoSuchProviderException e) {
      throw new CertificateException("this JVM has no SUN provider", e);
    }
  }

  static CertPathValidator pathValidator() throws CertificateException {
    try {
      return CertPathValidator.getInstance("PKIX", BASE_PROVIDER);
    } catch (NoSuchAlgorithmException | NoSuchProviderException e) {
      throw new CertificateException("this JVM has no PKIX of the SUN provider", e);
    }
  }
}
