package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** Tokens of users are judged by the agent as it is packed: its jar holds only what it needs. */
@OnEachJdk
class TokensIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String ISSUER = "https://issuer.example";

  /** So long, in bytes, are the coordinates of P-256. */
  private static final int COORDINATE = 32;

  @Parameter private Jdk jdk;

  /**
   * Who signs.
   *
   * @param jwa its algorithm among JSON's
   * @param jca the same among Java's
   */
  private record Signer(String jwa, String jca, KeyPair keys) {
    String token(String user, Instant expires) throws GeneralSecurityException {
      String header = "{\"alg\":\"%s\",\"kid\":\"%s\"}".formatted(jwa, jwa);
      String claims =
          "{\"iss\":\"%s\",\"sub\":\"%s\",\"exp\":%d}"
              .formatted(ISSUER, user, expires.getEpochSecond());
      String signed = base64(header) + "." + base64(claims);
      Signature signature = Signature.getInstance(jca);
      signature.initSign(keys.getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + base64(signature.sign());
    }
  }

  @Test
  void validTokensNameTheirUserAndOthersAreRefused() throws Exception {
    Signer rsa = new Signer("RS256", "SHA256withRSA", rsa());
    Signer ec = new Signer("ES256", "SHA256withECDSAinP1363Format", ec());
    Signer stranger = new Signer("ES256", "SHA256withECDSAinP1363Format", ec());
    Instant later = Instant.now().plus(Duration.ofHours(1));
    LoneWorkload lone = LoneWorkload.of("tokens", jdk);
    Files.writeString(
        lone.folder().resolve("policy/tokens.yaml"), policy(jwk(rsa.keys()), jwk(ec.keys())));

    List<String> arguments =
        List.of(
            "-cp",
            Built.programs(),
            "app.Tokens",
            rsa.token("ann", later),
            ec.token("bob", later),
            stranger.token("eve", later),
            ec.token("old", Instant.now().minus(Duration.ofHours(1))),
            "nonsense",
            "none");
    Child program = lone.run("Tokens", jdk, arguments);
    program.awaitLine("done", PATIENCE);

    assertThat(program.stdout())
        .filteredOn(line -> !line.startsWith("OpenJDK "))
        .containsExactly("200 ann", "200 bob", "401", "401", "401", "403", "done");
  }

  private static String policy(String... keys) {
    return """
    apiVersion: security.istio.io/v1
    kind: RequestAuthentication
    metadata: {name: users}
    spec:
      jwtRules:
      - issuer: %s
        jwks: '{"keys": [%s]}'
        outputClaimToHeaders: [{header: x-user, claim: sub}]
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: users-only}
    spec:
      rules:
      - from: [{source: {requestPrincipals: ["*"]}}]
    """
        .formatted(ISSUER, String.join(", ", keys));
  }

  private static KeyPair rsa() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private static KeyPair ec() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static String jwk(KeyPair keys) {
    if (keys.getPublic() instanceof RSAPublicKey key) {
      return "{\"kty\":\"RSA\",\"kid\":\"RS256\",\"n\":\"%s\",\"e\":\"%s\"}"
          .formatted(number(key.getModulus(), 256), number(key.getPublicExponent(), 3));
    }
    ECPublicKey key = (ECPublicKey) keys.getPublic();
    return "{\"kty\":\"EC\",\"kid\":\"ES256\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}"
        .formatted(
            number(key.getW().getAffineX(), COORDINATE),
            number(key.getW().getAffineY(), COORDINATE));
  }

  /** Unsigned, big endian, of so many bytes (RFC 7518, section 2). */
  private static String number(BigInteger number, int length) {
    byte[] signed = number.toByteArray();
    byte[] bytes = new byte[length];
    int copied = Math.min(signed.length, length);
    System.arraycopy(signed, signed.length - copied, bytes, length - copied, copied);
    return base64(bytes);
  }

  private static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
