package dev.weft.agent.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.jspecify.annotations.Nullable;

/** Certificates and keys as text (RFC 7468). Stateless. */
public final class Pem {
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----");

  private Pem() {}

  /**
   * Every certificate in the text, in order; other blocks are passed over.
   *
   * @throws CertificateException when there is none, or one cannot be read
   */
  public static List<X509Certificate> certificates(String text) throws CertificateException {
    List<X509Certificate> certificates = new ArrayList<>();
    CertificateFactory factory = Jdk.certificateFactory();
    Matcher block = CERTIFICATE.matcher(text);
    while (block.find()) {
      try {
        byte[] der = Base64.getMimeDecoder().decode(block.group(1));
        certificates.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
      } catch (IllegalArgumentException e) {
        throw new CertificateException("a certificate is not base64: " + e.getMessage(), e);
      }
    }
    if (certificates.isEmpty()) {
      throw new CertificateException("expected -----BEGIN CERTIFICATE-----, found none");
    }
    return List.copyOf(certificates);
  }

  /** Every certificate of several texts, in order. */
  public static List<X509Certificate> certificates(List<String> texts) throws CertificateException {
    return certificates(String.join("\n", texts));
  }

  /** A certificate as text. */
  public static String of(X509Certificate certificate) throws CertificateException {
    return block("CERTIFICATE", certificate.getEncoded());
  }

  /**
   * The private key in the text: PKCS#8, SEC 1 ({@code EC PRIVATE KEY}) or PKCS#1 ({@code RSA
   * PRIVATE KEY}), unencrypted.
   *
   * @throws GeneralSecurityException when there is none or it cannot be read; never shows the key
   */
  public static PrivateKey privateKey(String text) throws GeneralSecurityException {
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      ASN1ObjectIdentifier curve = null;
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        if (object instanceof ASN1ObjectIdentifier parameters) {
          curve = parameters; // EC PARAMETERS, which openssl writes before the key
        }
        if (object instanceof PrivateKeyInfo info) {
          return privateKey(info, curve);
        }
        if (object instanceof PEMKeyPair pair) {
          return privateKey(pair.getPrivateKeyInfo(), curve);
        }
      }
    } catch (IOException e) {
      throw new GeneralSecurityException("the private key cannot be read", e);
    }
    throw new GeneralSecurityException(
        "expected an unencrypted -----BEGIN PRIVATE KEY----- (PKCS#8, EC or RSA), found none");
  }

  private static PrivateKey privateKey(PrivateKeyInfo info, @Nullable ASN1ObjectIdentifier curve)
      throws GeneralSecurityException, IOException {
    var algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
    if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)
        && info.getPrivateKeyAlgorithm().getParameters() == null
        && curve != null) {
      return privateKey(
          new PrivateKeyInfo(new AlgorithmIdentifier(algorithm, curve), info.parsePrivateKey()),
          null);
    }
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(info.getEncoded());
    if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return KeyFactory.getInstance("EC", Jdk.EC_PROVIDER).generatePrivate(spec);
    }
    if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return KeyFactory.getInstance("RSA", Jdk.RSA_PROVIDER).generatePrivate(spec);
    }
    throw new GeneralSecurityException("expected an EC or RSA key, found algorithm " + algorithm);
  }

  static String block(String type, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
  }
}
