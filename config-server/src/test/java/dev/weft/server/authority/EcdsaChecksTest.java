package dev.weft.server.authority;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bouncy Castle and the JDK are of one opinion about each other's signatures. */
class EcdsaChecksTest {
  private static final Random RANDOM = new Random(1);

  private static KeyPair key(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  private static boolean good(String algorithm, PublicKey key, byte[] text, byte[] signature)
      throws Exception {
    Signature check = Signature.getInstance(algorithm, EcdsaChecks.provider());
    check.initVerify(key);
    check.update(text);
    try {
      return check.verify(signature);
    } catch (SignatureException e) {
      return false; // it does not even have the form of one
    }
  }

  @Test
  void whatTheJdkSignsIsGoodAndNothingElseIs() throws Exception {
    for (String algorithm : List.of("SHA256withECDSA", "SHA384withECDSA", "SHA512withECDSA")) {
      for (String curve : List.of("secp256r1", "secp384r1")) {
        KeyPair key = key(curve);
        byte[] text = new byte[300];
        RANDOM.nextBytes(text);
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key.getPrivate());
        signing.update(text);
        byte[] signature = signing.sign();

        assertThat(good(algorithm, key.getPublic(), text, signature)).isTrue();
        assertThat(good(algorithm, key(curve).getPublic(), text, signature)).isFalse();
        byte[] other = text.clone();
        other[RANDOM.nextInt(other.length)] ^= 1;
        assertThat(good(algorithm, key.getPublic(), other, signature)).isFalse();
        for (int i = 0; i < signature.length; i++) {
          byte[] altered = signature.clone();
          altered[i] ^= (byte) (1 << RANDOM.nextInt(8));
          assertThat(good(algorithm, key.getPublic(), text, altered)).isFalse();
        }
        assertThat(good(algorithm, key.getPublic(), text, new byte[0])).isFalse();
        assertThat(good(algorithm, key.getPublic(), text, zeros())).isFalse();
      }
    }
  }

  /** The numbers zero and zero (CVE-2022-21449). */
  private static byte[] zeros() {
    return new byte[] {0x30, 6, 2, 1, 0, 2, 1, 0};
  }

  @Test
  void onlyWhatItKnowsIsGivenToIt() {
    assertThat(EcdsaChecks.knows("SHA256withECDSA")).isTrue();
    assertThat(EcdsaChecks.knows("SHA256WITHECDSA")).isTrue();
    assertThat(EcdsaChecks.knows("SHA256withRSA")).isFalse();
    assertThat(EcdsaChecks.knows("SHA1withECDSA")).isFalse();
  }
}
