package dev.weft.server.authority;

import dev.weft.policy.SpiffeId;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Signs X.509-SVIDs for one trust domain. The caller decides whose they are: nothing in here
 * authenticates anybody. Immutable; thread-safe.
 *
 * @see <a href="https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md">X509-SVID</a>
 */
public final class CertificateAuthority {
  /** File in the state folder that holds the root, for commands that need its pin. */
  public static final String BUNDLE_FILE = "ca/bundle.pem";

  private static final String ROOT_FILE = "ca/root.pem";
  private static final String ROOT_KEY_FILE = "ca/root.key";
  private static final Duration ROOT_LIFE = Duration.ofDays(3650);

  /** Clocks of agents may be this much behind ours. */
  private static final Duration BACK_DATING = Duration.ofSeconds(60);

  private static final int SERIAL_BITS = 128;
  private static final int MAX_COMMON_NAME = 64; // RFC 5280, appendix A.1

  /** The signing certificate first, its root last. */
  private final List<X509Certificate> chain;

  private final PrivateKey key;
  private final SecureRandom random;
  private final InstantSource clock;

  private CertificateAuthority(
      List<X509Certificate> chain, PrivateKey key, SecureRandom random, InstantSource clock) {
    this.chain = List.copyOf(chain);
    this.key = key;
    this.random = random;
    this.clock = clock;
  }

  /** The authority whose root lies in the state folder; created where there is none. */
  public static CertificateAuthority embedded(
      StateFolder state, SecureRandom random, InstantSource clock) throws IOException {
    return state.locked(
        () -> {
          Optional<byte[]> keyFile = state.read(ROOT_KEY_FILE);
          Optional<String> rootFile = state.readText(ROOT_FILE);
          CertificateAuthority authority;
          if (keyFile.isPresent() && rootFile.isPresent()) {
            String where = state.path().resolve(ROOT_FILE).toString();
            authority = of(rootFile.get(), keyFile.get(), where, random, clock);
          } else if (rootFile.isPresent()) {
            // A new root beside it would lock every agent out that trusts the old one.
            throw new IOException(
                "authority: " + ROOT_KEY_FILE + " is missing in " + state.path() + "; restore it");
          } else {
            authority = createRoot(state, random, clock);
          }
          authority.publishBundle(state);
          return authority;
        });
  }

  /**
   * The authority that an operator supplies.
   *
   * @param certificates PEM: the signing certificate, then its parents up to the root
   */
  public static CertificateAuthority supplied(
      StateFolder state, Path certificates, Path key, SecureRandom random, InstantSource clock)
      throws IOException {
    CertificateAuthority authority =
        of(
            Files.readString(certificates, StandardCharsets.UTF_8),
            Files.readAllBytes(key),
            certificates.toString(),
            random,
            clock);
    return state.locked(
        () -> {
          authority.publishBundle(state);
          return authority;
        });
  }

  private void publishBundle(StateFolder state) throws IOException {
    String bundle = Pem.of(root());
    if (!state.readText(BUNDLE_FILE).equals(Optional.of(bundle))) {
      state.write(BUNDLE_FILE, bundle);
    }
  }

  private static CertificateAuthority createRoot(
      StateFolder state, SecureRandom random, InstantSource clock) throws IOException {
    KeyPair pair = newKeyPair(random);
    Instant now = clock.instant();
    X500Name name =
        new X500NameBuilder(BCStyle.INSTANCE)
            .addRDN(BCStyle.O, "Weft")
            .addRDN(BCStyle.CN, "Weft root " + Long.toHexString(random.nextLong() >>> 32))
            .build();
    X509Certificate root;
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              serial(random),
              Date.from(now.minus(BACK_DATING)),
              Date.from(now.plus(ROOT_LIFE)),
              name,
              pair.getPublic());
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
      root = sign(builder, pair.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot create a root certificate", e);
    }
    // The certificate is written last: a key alone is a start that did not finish.
    state.write(ROOT_KEY_FILE, Pem.of(pair.getPrivate()));
    state.write(ROOT_FILE, Pem.of(root));
    return new CertificateAuthority(List.of(root), pair.getPrivate(), random, clock);
  }

  private static CertificateAuthority of(
      String certificates, byte[] keyPem, String where, SecureRandom random, InstantSource clock)
      throws IOException {
    try {
      List<X509Certificate> chain = Pem.certificates(certificates);
      PrivateKey key = Pem.privateKey(keyPem);
      AuthorityCheck.check(chain, key, clock.instant());
      return new CertificateAuthority(chain, key, random, clock);
    } catch (IOException e) {
      throw new IOException("authority " + where + ": " + e.getMessage(), e);
    }
  }

  /** A fresh P-256 key. */
  static KeyPair newKeyPair(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no P-256", e);
    }
  }

  /**
   * Signs a certificate for a workload.
   *
   * @param commonName for people who look at the subject; nothing reads it
   * @param life from now on; cut at the end of the signing certificate
   */
  public IssuedSvid issue(SpiffeId spiffeId, String commonName, PublicKey key, Duration life) {
    return issue(spiffeId, commonName, key, life(life), List.of());
  }

  /** From when until when a certificate is valid. */
  record Validity(Instant begin, Instant end) {
    /** Both, and what lies between them. */
    Validity and(Validity other) {
      return new Validity(
          begin.isBefore(other.begin) ? begin : other.begin,
          end.isAfter(other.end) ? end : other.end);
    }
  }

  /** Of a certificate that is made now. */
  Validity life(Duration life) {
    Instant now = clock.instant();
    return new Validity(now.minus(BACK_DATING), now.plus(life));
  }

  IssuedSvid issue(
      SpiffeId spiffeId,
      String commonName,
      PublicKey subjectKey,
      Validity validity,
      List<GeneralName> alsoKnownAs) {
    X509Certificate signing = chain.get(0);
    Instant end = validity.end();
    if (end.isAfter(signing.getNotAfter().toInstant())) {
      end = signing.getNotAfter().toInstant();
    }
    List<GeneralName> names = new ArrayList<>();
    names.add(new GeneralName(GeneralName.uniformResourceIdentifier, spiffeId.toString()));
    names.addAll(alsoKnownAs);
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              X500Name.getInstance(signing.getSubjectX500Principal().getEncoded()),
              serial(random),
              Date.from(validity.begin()),
              Date.from(end),
              subject(commonName),
              subjectKey);
      KeyPurposeId[] both = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(both))
          .addExtension(
              Extension.subjectAlternativeName,
              false, // the subject is not empty (RFC 5280, section 4.2.1.6)
              new GeneralNames(names.toArray(GeneralName[]::new)))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              extensions.createAuthorityKeyIdentifier(signing.getPublicKey()))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              extensions.createSubjectKeyIdentifier(subjectKey));
      List<X509Certificate> issued = new ArrayList<>();
      issued.add(sign(builder, key));
      issued.addAll(chain.subList(0, chain.size() - 1)); // the root is known to whoever trusts it
      return new IssuedSvid(spiffeId, List.copyOf(issued));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot sign a certificate for " + spiffeId, e);
    }
  }

  private static X500Name subject(String commonName) {
    String name = commonName.isEmpty() ? "workload" : commonName;
    return new X500NameBuilder(BCStyle.INSTANCE)
        .addRDN(BCStyle.CN, name.substring(0, Math.min(name.length(), MAX_COMMON_NAME)))
        .build();
  }

  private static BigInteger serial(SecureRandom random) {
    BigInteger serial = new BigInteger(SERIAL_BITS, random);
    return serial.signum() == 0 ? serial(random) : serial;
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(signatureAlgorithm(key)).build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  static String signatureAlgorithm(PrivateKey key) {
    if (key instanceof ECKey ec) {
      return ec.getParams().getOrder().bitLength() > 256 ? "SHA384withECDSA" : "SHA256withECDSA";
    }
    return "SHA256withRSA";
  }

  /** The root of the chain. */
  public X509Certificate root() {
    return chain.get(chain.size() - 1);
  }

  /** The roots that members of the mesh trust. */
  public List<X509Certificate> bundle() {
    return List.of(root());
  }

  /** {@link #bundle} as PEM. */
  public List<String> bundlePem() {
    return bundle().stream().map(Pem::of).toList();
  }

  /** The pin of a root: base64url of SHA-256 over its DER form, without padding. */
  public static String pin(X509Certificate root) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(root.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
