package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.List;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.junit.jupiter.api.Test;

class PemTest {
  private final TestAuthority authority = TestAuthority.create();

  /** As openssl writes it: SEC 1 or PKCS#1. */
  private static String traditional(PrivateKey key) throws Exception {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(key);
    }
    return text.toString();
  }

  @Test
  void readsKeysInEveryUsualForm() throws Exception {
    KeyPair ec = TestAuthority.keyPair("EC");
    KeyPair rsa = TestAuthority.keyPair("RSA");
    String parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

    assertThat(traditional(ec.getPrivate())).contains("BEGIN EC PRIVATE KEY");
    assertThat(traditional(rsa.getPrivate())).contains("BEGIN RSA PRIVATE KEY");
    assertThat(((ECPrivateKey) Pem.privateKey(parameters + traditional(ec.getPrivate()))).getS())
        .isEqualTo(((ECPrivateKey) ec.getPrivate()).getS());
    assertThat(((RSAPrivateCrtKey) Pem.privateKey(traditional(rsa.getPrivate()))).getModulus())
        .isEqualTo(((RSAPrivateCrtKey) rsa.getPrivate()).getModulus());
    assertThat(Pem.privateKey(Pem.block("PRIVATE KEY", ec.getPrivate().getEncoded())))
        .isEqualTo(ec.getPrivate());
    assertThat(Pem.privateKey(Pem.block("PRIVATE KEY", rsa.getPrivate().getEncoded())))
        .isEqualTo(rsa.getPrivate());
  }

  @Test
  void whatIsNoKeyIsRefusedWithoutShowingIt() throws Exception {
    assertThatThrownBy(() -> Pem.privateKey("secret"))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageContaining("expected an unencrypted")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> Pem.privateKey(Pem.block("PRIVATE KEY", new byte[] {1, 2, 3})))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> Pem.privateKey(Pem.of(authority.root)))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void readsCertificatesBetweenOtherText() throws Exception {
    String text =
        "subject=...\n" + Pem.of(authority.root) + "issuer=...\r\n" + Pem.of(authority.root);

    assertThat(Pem.certificates(text)).containsExactly(authority.root, authority.root);
    assertThat(Pem.certificates(List.of(Pem.of(authority.root)))).containsExactly(authority.root);
    assertThatThrownBy(() -> Pem.certificates("nothing"))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("expected -----BEGIN CERTIFICATE-----");
  }

  @Test
  void anEnrolmentTakesOnlyACertificateForItsOwnKey() throws Exception {
    String pay = "spiffe://a.test/ns/default/sa/pay";
    Enrolment enrolment = Enrolment.begin(null);
    List<String> bundle = List.of(Pem.of(authority.root));
    String good = Pem.of(authority.certify(enrolment.csr(), pay, leaf -> {}));
    String other = Pem.of(authority.identity(pay).leaf());

    assertThat(enrolment.complete(List.of(good), bundle).id()).hasToString(pay);
    assertThatThrownBy(() -> enrolment.complete(List.of(other), bundle))
        .hasMessageContaining("for another key than ours");
  }
}
