package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;

/**
 * One certificate to be had, in as many attempts as it takes: a fresh P-256 key that never leaves
 * this object but into the {@link Identity}, and the request for it. Immutable.
 */
public final class Enrolment {
  private final KeyPair keys;
  private final String csr;

  private Enrolment(KeyPair keys, String csr) {
    this.keys = keys;
    this.csr = csr;
  }

  /**
   * Makes a key and its PKCS#10 request.
   *
   * @param expected asked for as URI SAN; null before the authority has named us, because the
   *     authority decides the ID, never the request
   */
  public static Enrolment begin(@Nullable SpiffeId expected) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", Jdk.EC_PROVIDER);
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    try {
      var request =
          new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), keys.getPublic());
      if (expected != null) {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        GeneralName uri =
            new GeneralName(GeneralName.uniformResourceIdentifier, expected.toString());
        extensions.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(uri));
        request.addAttribute(
            PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
      }
      var signer =
          new JcaContentSignerBuilder("SHA256withECDSA")
              .setProvider(Jdk.EC_PROVIDER)
              .build(keys.getPrivate());
      byte[] der = request.build(signer).getEncoded();
      return new Enrolment(keys, Pem.block("CERTIFICATE REQUEST", der));
    } catch (IOException | OperatorCreationException e) {
      throw new GeneralSecurityException("cannot make a certificate request", e);
    }
  }

  /** The request, PEM PKCS#10. */
  public String csr() {
    return csr;
  }

  /**
   * The identity from the authority's answer.
   *
   * @param certificates PEM, the leaf first
   * @param bundle PEM roots
   * @throws CertificateException when the answer is not for our key or no X.509-SVID
   */
  public Identity complete(List<String> certificates, List<String> bundle)
      throws CertificateException {
    List<X509Certificate> chain = Pem.certificates(certificates);
    if (!chain.get(0).getPublicKey().equals(keys.getPublic())) {
      throw new CertificateException("the authority's certificate is for another key than ours");
    }
    return Identity.of(keys.getPrivate(), chain, Pem.certificates(bundle));
  }
}
