package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** A certificate authority for tests: good certificates by default, bad ones on request. */
public final class TestAuthority {
  private static final AtomicLong SERIALS = new AtomicLong(1);

  public final KeyPair keys;
  public final X509Certificate root;

  private TestAuthority(KeyPair keys, X509Certificate root) {
    this.keys = keys;
    this.root = root;
  }

  /** What a certificate says; change what the test is about. */
  public static final class Leaf {
    public List<String> uris = new ArrayList<>();
    public List<String> hosts = new ArrayList<>();
    public Instant from = Instant.now().minusSeconds(60);
    public Instant until = Instant.now().plus(Duration.ofHours(24));
    public boolean ca;
    public Integer usage = KeyUsage.digitalSignature;
    public List<KeyPurposeId> extended =
        List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
    public String subject = "O=test";
    public boolean critical; // the names
  }

  public static TestAuthority create() {
    return create("CN=test root");
  }

  public static TestAuthority create(String name) {
    KeyPair keys = keyPair("EC");
    Leaf root = new Leaf();
    root.ca = true;
    root.usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
    root.extended = List.of();
    root.subject = name;
    return new TestAuthority(keys, sign(name, keys, keys.getPublic(), root));
  }

  /** An authority below this one. */
  public TestAuthority intermediate(String name) {
    KeyPair below = keyPair("EC");
    Leaf leaf = new Leaf();
    leaf.ca = true;
    leaf.usage = KeyUsage.keyCertSign;
    leaf.extended = List.of();
    leaf.subject = name;
    return new TestAuthority(
        below, sign(root.getSubjectX500Principal().getName(), keys, below.getPublic(), leaf));
  }

  /** What somebody makes who has no right to sign, by the keys of the certificate. */
  public static TestAuthority usurper(KeyPair keys, X509Certificate certificate) {
    return new TestAuthority(keys, certificate);
  }

  /** Another authority's key under its own name, signed by this one. */
  public X509Certificate crossSign(TestAuthority other) {
    Leaf leaf = new Leaf();
    leaf.ca = true;
    leaf.usage = KeyUsage.keyCertSign;
    leaf.extended = List.of();
    leaf.subject = other.root.getSubjectX500Principal().getName();
    return sign(root.getSubjectX500Principal().getName(), keys, other.keys.getPublic(), leaf);
  }

  public static KeyPair keyPair(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(algorithm.equals("EC") ? 256 : 2048);
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A good identity. */
  public Identity identity(String id) {
    return identity(id, leaf -> {});
  }

  /** An identity whose certificate was changed. */
  public Identity identity(String id, Consumer<Leaf> change) {
    KeyPair own = keyPair("EC");
    return new Identity(
        SpiffeId.parse(id),
        own.getPrivate(),
        List.of(leaf(own.getPublic(), id, change)),
        List.of(root));
  }

  public X509Certificate leaf(PublicKey key, String id, Consumer<Leaf> change) {
    Leaf leaf = new Leaf();
    leaf.uris.add(id);
    change.accept(leaf);
    return sign(root.getSubjectX500Principal().getName(), keys, key, leaf);
  }

  /** Signs a PEM request for an ID that the authority decides. */
  public X509Certificate certify(String csr, String id, Consumer<Leaf> change) {
    try (PEMParser parser = new PEMParser(new java.io.StringReader(csr))) {
      var request =
          new JcaPKCS10CertificationRequest((PKCS10CertificationRequest) parser.readObject());
      return leaf(request.getPublicKey(), id, change);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The pin of a join token. */
  public String pin() {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(root.getEncoded()));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate sign(String issuer, KeyPair by, PublicKey key, Leaf leaf) {
    try {
      var builder =
          new JcaX509v3CertificateBuilder(
              new X500Principal(issuer),
              BigInteger.valueOf(SERIALS.getAndIncrement()),
              Date.from(leaf.from),
              Date.from(leaf.until),
              new X500Principal(leaf.subject),
              key);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(leaf.ca));
      if (leaf.usage != null) {
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(leaf.usage));
      }
      if (!leaf.extended.isEmpty()) {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(leaf.extended.toArray(KeyPurposeId[]::new)));
      }
      GeneralName[] names =
          Stream.concat(
                  leaf.uris.stream()
                      .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri)),
                  leaf.hosts.stream().map(host -> new GeneralName(GeneralName.dNSName, host)))
              .toArray(GeneralName[]::new);
      if (names.length > 0) {
        builder.addExtension(
            Extension.subjectAlternativeName, leaf.critical, new GeneralNames(names));
      }
      byte[] der =
          builder
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate()))
              .getEncoded();
      return Pem.certificates(Pem.block("CERTIFICATE", der)).get(0);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
