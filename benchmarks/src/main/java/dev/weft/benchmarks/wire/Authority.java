package dev.weft.benchmarks.wire;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A throwaway authority. Its P-256 certificates serve everybody in the table: they carry a SPIFFE
 * ID for the mesh, and the loopback address and a name for those who check host names.
 */
final class Authority {
  private static final X500Principal NAME = new X500Principal("CN=wire ground");

  private final KeyPair keys = keyPair();
  private final Path folder;
  private long serial = 1;

  private Authority(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes {@code authority.pem}, and for {@code client} and {@code server} a {@code .pem}, a
   * {@code .key} and, for haproxy, both in a {@code .both}.
   */
  static void writeTo(Path folder) throws IOException {
    Authority authority = new Authority(folder);
    try {
      authority.root();
      authority.party("client");
      authority.party("server");
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot make certificates", e);
    }
  }

  private void root() throws IOException, GeneralSecurityException, OperatorCreationException {
    var builder = builder(NAME, keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    writePem("authority.pem", List.of(sign(builder)));
  }

  private void party(String name)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    KeyPair own = keyPair();
    var builder = builder(new X500Principal("CN=" + name), own.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(
        Extension.extendedKeyUsage,
        false,
        new ExtendedKeyUsage(
            new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(
                  GeneralName.uniformResourceIdentifier,
                  "spiffe://bench.test/ns/default/sa/" + name),
              new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
              new GeneralName(GeneralName.dNSName, name)
            }));
    X509Certificate certificate = sign(builder);
    PrivateKey key = own.getPrivate();
    writePem(name + ".pem", List.of(certificate));
    writePem(name + ".key", List.of(key));
    writePem(name + ".both", List.of(certificate, key));
  }

  private JcaX509v3CertificateBuilder builder(X500Principal subject, PublicKey key)
      throws CertIOException {
    Instant now = Instant.now();
    return new JcaX509v3CertificateBuilder(
        NAME,
        BigInteger.valueOf(serial++),
        Date.from(now.minusSeconds(60)),
        Date.from(now.plus(Duration.ofDays(2))),
        subject,
        key);
  }

  private X509Certificate sign(JcaX509v3CertificateBuilder builder)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }

  private void writePem(String file, List<Object> contents) throws IOException {
    try (Writer out = Files.newBufferedWriter(folder.resolve(file));
        JcaPEMWriter pem = new JcaPEMWriter(out)) {
      for (Object content : contents) {
        pem.writeObject(
            content instanceof PrivateKey key
                ? new JcaPKCS8Generator(key, null)
                : new JcaMiscPEMGenerator(content));
      }
    }
  }

  private static KeyPair keyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no P-256 keys", e);
    }
  }
}
