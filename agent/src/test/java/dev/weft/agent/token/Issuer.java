package dev.weft.agent.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;

/** Somebody who issues tokens, with a key of each kind. Generated once: RSA takes its time. */
final class Issuer {
  static final String NAME = "https://issuer.test";
  static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  static final RSAKey RSA = rsa(2048, "rsa");
  static final ECKey P256 = ec(Curve.P_256, "p256");
  static final ECKey P384 = ec(Curve.P_384, "p384");
  static final ECKey P521 = ec(Curve.P_521, "p521");
  private static final KeyPair ED25519_PAIR = ed25519();
  static final OctetKeyPair ED25519 =
      new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(rawX(ED25519_PAIR)))
          .keyID("ed")
          .build();

  private Issuer() {}

  static String jwks(JWK... keys) {
    return new JWKSet(List.of(keys)).toString(true);
  }

  static String everyKey() {
    return jwks(RSA, P256, P384, P521, ED25519);
  }

  /** Claims that every test begins with. */
  static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(NAME)
        .subject("alice")
        .audience("pay")
        .expirationTime(Date.from(NOW.plusSeconds(300)));
  }

  static String token() {
    return token(claims().build());
  }

  static String token(JWTClaimsSet claims) {
    return signed(header(JWSAlgorithm.RS256, "rsa"), claims.toString(), RSA);
  }

  static String header(JWSAlgorithm algorithm, String kid) {
    JWSHeader.Builder header = new JWSHeader.Builder(algorithm);
    return (kid.isEmpty() ? header : header.keyID(kid)).build().toString();
  }

  /** Signs any header and any payload. */
  static String signed(String header, String payload, JWK key) {
    String input = base64(header) + "." + base64(payload);
    byte[] bytes = input.getBytes(StandardCharsets.US_ASCII);
    try {
      JWSHeader parsed = JWSHeader.parse(header);
      if (key.equals(ED25519)) {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(ED25519_PAIR.getPrivate());
        signature.update(bytes);
        return input + "." + Base64URL.encode(signature.sign());
      }
      JWSSigner signer =
          key instanceof RSAKey rsa
              ? new RSASSASigner(rsa.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance()))
              : new ECDSASigner((ECKey) key);
      return input + "." + signer.sign(parsed, bytes);
    } catch (JOSEException | GeneralSecurityException | java.text.ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static RSAKey rsa(int bits, String kid) {
    try {
      return new RSAKeyGenerator(bits, true).keyID(kid).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ECKey ec(Curve curve, String kid) {
    try {
      return new ECKeyGenerator(curve).keyID(kid).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair ed25519() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The last 32 bytes of its X.509 form. */
  private static byte[] rawX(KeyPair pair) {
    byte[] encoded = pair.getPublic().getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
  }
}
