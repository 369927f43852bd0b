package dev.weft.benchmarks.scale;

import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * Keys, requests and contexts of simulated agents. Thousands of them share the machine with the
 * server that is measured, so what one machine per agent would not notice is made cheap: keys and
 * signatures are Bouncy Castle's, which take a quarter of the JDK's time, and a server's
 * certificate that was verified once is known to all.
 */
final class Identity {
  private static final Provider CRYPTO = new BouncyCastleProvider();

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----");

  private Identity() {}

  static KeyPair key() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", CRYPTO);
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A PKCS#10 request in PEM, ready to stand in JSON. */
  static String request(KeyPair key) {
    try {
      byte[] der =
          new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=agent"), key.getPublic())
              .build(
                  new JcaContentSignerBuilder("SHA256withECDSA")
                      .setProvider(CRYPTO)
                      .build(key.getPrivate()))
              .getEncoded();
      StringWriter text = new StringWriter();
      try (PemWriter writer = new PemWriter(text)) {
        writer.writeObject(new PemObject("CERTIFICATE REQUEST", der));
      }
      return text.toString().replace("\n", "\\n");
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For a client that has no certificate yet. */
  static SslContext trusting(KnownServers servers) throws IOException {
    return client(servers).build();
  }

  /** For a client with the certificates in an answer of enroll or renew. */
  static SslContext of(KeyPair key, byte[] answer, KnownServers servers) throws IOException {
    String text = new String(answer, StandardCharsets.UTF_8).replace("\\n", "\n");
    String own = text.substring(0, text.indexOf("\"bundle\""));
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      Matcher matcher = PEM.matcher(own);
      while (matcher.find()) {
        chain.add(
            (X509Certificate)
                factory.generateCertificate(
                    new ByteArrayInputStream(matcher.group().getBytes(StandardCharsets.US_ASCII))));
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("no certificate in the answer", e);
    }
    // Netty would put a key into a key store, under a password that takes 4 ms to derive.
    return client(servers)
        .keyManager(
            new OpenSslCachingX509KeyManagerFactory(
                OwnKey.factory(key.getPrivate(), chain.toArray(X509Certificate[]::new))))
        .build();
  }

  private static SslContextBuilder client(KnownServers servers) {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.OPENSSL_REFCNT)
        .protocols("TLSv1.3")
        .endpointIdentificationAlgorithm("") // agents look at the SPIFFE ID, whatever they dialled
        .trustManager(servers);
  }
}
