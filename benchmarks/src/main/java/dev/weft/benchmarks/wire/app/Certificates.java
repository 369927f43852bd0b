package dev.weft.benchmarks.wire.app;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * One party's PEM files. Immutable.
 *
 * @param chain its certificate, and what leads to the authority
 * @param key PKCS #8, elliptic curve
 * @param authorities whom it trusts
 */
public record Certificates(Path chain, Path key, Path authorities) {
  private static final char[] NO_PASSWORD = new char[0];

  /** The files that {@code folder} holds for {@code party}. */
  public static Certificates of(Path folder, String party) {
    return new Certificates(
        folder.resolve(party + ".pem"),
        folder.resolve(party + ".key"),
        folder.resolve("authority.pem"));
  }

  /** For JSSE. */
  public SSLContext sslContext() throws IOException, GeneralSecurityException {
    KeyStore own = emptyStore();
    own.setKeyEntry(
        "own", privateKey(), NO_PASSWORD, certificates(chain).toArray(new Certificate[0]));
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(own, NO_PASSWORD);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trustStore());
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  /** The authorities. */
  KeyStore trustStore() throws IOException, GeneralSecurityException {
    KeyStore trusted = emptyStore();
    int index = 0;
    for (Certificate authority : certificates(authorities)) {
      trusted.setCertificateEntry("authority-" + index++, authority);
    }
    return trusted;
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path pem)
      throws IOException, GeneralSecurityException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(pem))) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  private PrivateKey privateKey() throws IOException, GeneralSecurityException {
    String base64 = Files.readString(key).replaceAll("-----[A-Z ]+-----", "");
    byte[] encoded = Base64.getMimeDecoder().decode(base64);
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
  }
}
