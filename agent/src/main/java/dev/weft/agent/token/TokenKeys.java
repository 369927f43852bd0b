package dev.weft.agent.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of an issuer. A key says by its type which algorithms it may be used with, never
 * the token: so a public key is never taken for a shared secret. Immutable; thread-safe.
 */
final class TokenKeys {
  private static final int LEAST_RSA_BITS = 2048;
  private static final int MOST_KEYS = 64;

  /** What stands before the 32 bytes of an Ed25519 key in X.509 (RFC 8410, section 4). */
  private static final byte[] ED25519_PREFIX = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
  };

  private static final Set<JWSAlgorithm> RSA =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512);
  private static final Set<JWSAlgorithm> ED25519 = Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);

  private final List<Key> keys;

  private TokenKeys(List<Key> keys) {
    this.keys = keys;
  }

  /**
   * One key.
   *
   * @param id null: none
   * @param algorithms those it may be used with
   */
  private record Key(@Nullable String id, Set<JWSAlgorithm> algorithms, Check check) {}

  /** Checks the signature of a token whose algorithm fits. */
  private interface Check {
    boolean verifies(JWSObject token) throws JOSEException, GeneralSecurityException;
  }

  /** The keys of a set (RFC 7517) that can be used; none where it cannot be read. */
  static TokenKeys parse(String jwks) {
    List<Key> keys = new ArrayList<>();
    if (!jwks.isEmpty()) {
      try {
        for (JWK jwk : JWKSet.parse(jwks).getKeys()) {
          Key key = key(jwk);
          if (key != null && keys.size() < MOST_KEYS) {
            keys.add(key);
          }
        }
      } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
        keys.clear();
      }
    }
    return new TokenKeys(List.copyOf(keys));
  }

  /** Whether there is none at all. */
  boolean isEmpty() {
    return keys.isEmpty();
  }

  /** Whether one of the keys signed this token: the one that it names, if it names one. */
  boolean signed(JWSObject token) {
    JWSHeader header = token.getHeader();
    String id = header.getKeyID();
    for (Key key : keys) {
      if (key.algorithms().contains(header.getAlgorithm()) && (id == null || id.equals(key.id()))) {
        try {
          if (key.check().verifies(token)) {
            return true;
          }
        } catch (JOSEException | GeneralSecurityException e) {
          // This key cannot have signed it: say, a signature of another length. The next may have.
        }
      }
    }
    return false;
  }

  private static @Nullable Key key(JWK jwk) {
    boolean signs = jwk.getKeyUse() == null || KeyUse.SIGNATURE.equals(jwk.getKeyUse());
    boolean verifies =
        jwk.getKeyOperations() == null || jwk.getKeyOperations().contains(KeyOperation.VERIFY);
    if (!signs || !verifies || jwk.isPrivate()) {
      return null;
    }
    try {
      if (jwk instanceof RSAKey rsa && rsa.size() >= LEAST_RSA_BITS) {
        return key(jwk, RSA, new RSASSAVerifier(rsa.toRSAPublicKey()));
      }
      if (jwk instanceof ECKey ec) {
        JWSAlgorithm algorithm = algorithm(ec.getCurve());
        return algorithm == null
            ? null
            : key(jwk, Set.of(algorithm), new ECDSAVerifier(ec.toECPublicKey()));
      }
      if (jwk instanceof OctetKeyPair pair && Curve.Ed25519.equals(pair.getCurve())) {
        PublicKey key = ed25519(pair.getDecodedX());
        return key(jwk, ED25519, token -> ed25519(key, token));
      }
    } catch (JOSEException | GeneralSecurityException | IllegalArgumentException e) {
      return null; // no point of its curve, say
    }
    return null;
  }

  private static Key key(JWK jwk, Set<JWSAlgorithm> algorithms, JWSVerifier verifier) {
    return key(
        jwk,
        algorithms,
        token -> verifier.verify(token.getHeader(), token.getSigningInput(), token.getSignature()));
  }

  /** Where the key names its algorithm, no other will do. */
  private static Key key(JWK jwk, Set<JWSAlgorithm> algorithms, Check check) {
    Set<JWSAlgorithm> allowed = algorithms;
    if (jwk.getAlgorithm() != null) {
      allowed =
          algorithms.stream()
              .filter(one -> one.getName().equals(jwk.getAlgorithm().getName()))
              .collect(Collectors.toUnmodifiableSet());
    }
    return new Key(jwk.getKeyID(), allowed, check);
  }

  private static @Nullable JWSAlgorithm algorithm(Curve curve) {
    if (Curve.P_256.equals(curve)) {
      return JWSAlgorithm.ES256;
    }
    if (Curve.P_384.equals(curve)) {
      return JWSAlgorithm.ES384;
    }
    return Curve.P_521.equals(curve) ? JWSAlgorithm.ES512 : null;
  }

  /** The library leaves Ed25519 to Tink; the JDK has it since 15. */
  private static PublicKey ed25519(byte[] x) throws GeneralSecurityException {
    byte[] encoded = new byte[ED25519_PREFIX.length + x.length];
    System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
    System.arraycopy(x, 0, encoded, ED25519_PREFIX.length, x.length);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
  }

  private static boolean ed25519(PublicKey key, JWSObject token) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("Ed25519");
    signature.initVerify(key);
    signature.update(token.getSigningInput());
    return signature.verify(token.getSignature().decode());
  }
}
