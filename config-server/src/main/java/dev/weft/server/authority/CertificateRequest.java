package dev.weft.server.authority;

import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.DefaultSignatureNameFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/**
 * What of a PKCS#10 request (RFC 2986) counts: its key, whose possession the request's signature
 * proved, and the identities it asks for, which are compared and never taken over. Immutable.
 *
 * @param uriNames the URIs among its requested subject alternative names
 */
public record CertificateRequest(PublicKey key, List<String> uriNames) {
  private static final int MAX_DER = 16 * 1024;
  private static final int MIN_RSA = 2048;
  private static final int MAX_RSA = 8192;

  /**
   * Reads a request and checks its signature and its key.
   *
   * @throws Refusal {@code csr-malformed}, {@code csr-signature} or {@code csr-key}
   */
  public static CertificateRequest parse(String pem) throws Refusal {
    JcaPKCS10CertificationRequest request = read(pem);
    checkAlgorithm(request.getSubjectPublicKeyInfo().getAlgorithm());
    PublicKey key;
    List<String> names;
    try {
      key = request.getPublicKey();
      names = uriNames(request);
      checkSize(key);
      if (!request.isSignatureValid(verifiers(request).build(key))) {
        throw badSignature("it is not signed with its own key");
      }
    } catch (PKCSException | OperatorCreationException e) {
      throw badSignature(String.valueOf(e.getMessage()));
    } catch (GeneralSecurityException | RuntimeException e) {
      // Bouncy Castle parses lazily; what is malformed may only show here.
      throw malformed(String.valueOf(e.getMessage()));
    }
    return new CertificateRequest(key, names);
  }

  private static JcaContentVerifierProviderBuilder verifiers(PKCS10CertificationRequest request) {
    String algorithm =
        new DefaultSignatureNameFinder().getAlgorithmName(request.getSignatureAlgorithm());
    JcaContentVerifierProviderBuilder verifiers = new JcaContentVerifierProviderBuilder();
    return EcdsaChecks.knows(algorithm) ? verifiers.setProvider(EcdsaChecks.provider()) : verifiers;
  }

  private static JcaPKCS10CertificationRequest read(String pem) throws Refusal {
    try (PemReader reader = new PemReader(new StringReader(pem))) {
      PemObject block = reader.readPemObject();
      if (block == null || !block.getType().endsWith("CERTIFICATE REQUEST")) {
        throw malformed("expected a PEM block CERTIFICATE REQUEST");
      }
      if (block.getContent().length > MAX_DER) {
        throw malformed("it is larger than " + MAX_DER + " bytes");
      }
      return new JcaPKCS10CertificationRequest(block.getContent());
    } catch (IOException | RuntimeException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
  }

  private static void checkAlgorithm(AlgorithmIdentifier algorithm) throws Refusal {
    if (algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return;
    }
    if (!algorithm.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      throw badKey("a key of algorithm " + algorithm.getAlgorithm());
    }
    if (!(algorithm.getParameters() instanceof ASN1ObjectIdentifier curve)
        || !(curve.equals(SECObjectIdentifiers.secp256r1)
            || curve.equals(SECObjectIdentifiers.secp384r1))) {
      throw badKey("an elliptic curve key on another curve");
    }
  }

  private static void checkSize(PublicKey key) throws Refusal {
    if (key instanceof RSAPublicKey rsa) {
      int bits = rsa.getModulus().bitLength();
      if (bits < MIN_RSA || bits > MAX_RSA) {
        throw badKey("an RSA key of " + bits + " bits");
      }
    }
  }

  private static List<String> uriNames(PKCS10CertificationRequest request) {
    List<String> names = new ArrayList<>();
    Extensions extensions = request.getRequestedExtensions();
    if (extensions == null || extensions.getExtension(Extension.subjectAlternativeName) == null) {
      return names;
    }
    GeneralNames alternatives =
        GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
    for (GeneralName name : alternatives.getNames()) {
      if (name.getTagNo() == GeneralName.uniformResourceIdentifier) {
        names.add(name.getName().toString());
      }
    }
    return names;
  }

  private static Refusal malformed(String why) {
    return new Refusal(
        Kind.BAD_REQUEST,
        "csr-malformed",
        "The certificate request is not PKCS#10 in PEM: " + why + ".");
  }

  private static Refusal badSignature(String why) {
    return new Refusal(
        Kind.BAD_REQUEST,
        "csr-signature",
        "The certificate request does not prove possession of its key: " + why + ".");
  }

  private static Refusal badKey(String found) {
    return new Refusal(
        Kind.BAD_REQUEST,
        "csr-key",
        "The certificate request brings "
            + found
            + "; expected EC P-256, EC P-384 or RSA of 2048 to 8192 bits.");
  }

  /** SHA-256 of the public key, in hex. */
  public String keyFingerprint() {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
