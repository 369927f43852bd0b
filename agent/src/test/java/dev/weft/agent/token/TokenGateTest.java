package dev.weft.agent.token;

import static dev.weft.agent.token.Issuer.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.weft.agent.token.TokenVerdict.Accepted;
import dev.weft.agent.token.TokenVerdict.Refused;
import dev.weft.instrumentation.InboundRequest;
import dev.weft.policy.AccessToken;
import dev.weft.policy.JwtRule;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenGateTest {
  private static final String POLICY = "RequestAuthentication default/jwt";

  /** A rule, written with what differs from the usual one. */
  private static final class Rules {
    private String issuer = Issuer.NAME;
    private List<String> audiences = List.of();
    private String jwks = Issuer.everyKey();
    private List<JwtRule.Header> headers = List.of();
    private List<String> params = List.of();
    private List<String> cookies = List.of();
    private boolean forward;
    private String payloadTo = "";
    private List<JwtRule.ClaimHeader> claimsTo = List.of();
    private List<String> words = List.of();

    JwtRule rule() {
      return new JwtRule(
          POLICY, issuer, audiences, jwks, headers, params, cookies, forward, payloadTo, claimsTo,
          words);
    }

    TokenVerdict judge(InboundRequest request) {
      return TokenGate.of(List.of(rule())).judge(request, NOW);
    }

    AccessToken accepts(String token) {
      TokenVerdict verdict = judge(Asked.plain().bearer(token));
      assertThat(verdict).isInstanceOf(Accepted.class);
      return ((Accepted) verdict).token();
    }

    String refuses(String token) {
      return reason(judge(Asked.plain().bearer(token)));
    }
  }

  private static String reason(TokenVerdict verdict) {
    assertThat(verdict).isInstanceOf(Refused.class);
    assertThat(((Refused) verdict).rule()).isEqualTo(POLICY);
    return ((Refused) verdict).reason();
  }

  @Test
  void withoutRulesNobodyLooksAtTokens() {
    assertThat(TokenGate.of(List.of()).judge(Asked.plain().bearer("nonsense"), NOW))
        .isEqualTo(TokenVerdict.UNASKED);
  }

  @Test
  void aRequestWithoutTokenPassesAndIsNobodys() {
    assertThat(new Rules().judge(Asked.plain())).isEqualTo(TokenVerdict.UNASKED);
  }

  @Test
  void aValidTokenSaysWhoItsBearerIs() {
    AccessToken token = new Rules().accepts(Issuer.token());

    assertThat(token.principal()).isEqualTo("https://issuer.test/alice");
    assertThat(token.audiences()).containsExactly("pay");
  }

  @Nested
  class Algorithms {
    @ParameterizedTest
    @CsvSource({
      "RS256, rsa",
      "RS384, rsa",
      "RS512, rsa",
      "PS256, rsa",
      "PS384, rsa",
      "PS512, rsa",
      "ES256, p256",
      "ES384, p384",
      "ES512, p521",
      "EdDSA, ed",
      "Ed25519, ed",
    })
    void everyAlgorithmWithPublicKeysIsAccepted(String algorithm, String kid) {
      String header = Issuer.header(JWSAlgorithm.parse(algorithm), kid);
      String claims = Issuer.claims().build().toString();

      new Rules().accepts(Issuer.signed(header, claims, key(kid)));
    }

    @Test
    void noneIsRefused() {
      String header = Issuer.base64("{\"alg\":\"none\"}");
      String payload = Issuer.base64(Issuer.claims().build().toString());

      assertThat(new Rules().refuses(header + "." + payload + ".")).contains("cannot be read");
      assertThat(new Rules().refuses(header + "." + payload + ".AAAA")).contains("cannot be read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "HS384", "HS512"})
    void aPublicKeyIsNeverTakenForASharedSecret(String algorithm) throws Exception {
      byte[] secret = Arrays.copyOf(Issuer.RSA.toRSAPublicKey().getEncoded(), 256);
      for (String kid : List.of("rsa", "")) {
        JWSHeader header = JWSHeader.parse(Issuer.header(JWSAlgorithm.parse(algorithm), kid));
        assertThat(new Rules().refuses(mac(header, secret))).contains("no key of the issuer");
        assertThat(new Rules().refuses(mac(header, pem().getBytes(StandardCharsets.US_ASCII))))
            .contains("no key of the issuer");
      }
    }

    @Test
    void aSharedKeyInTheKeySetIsNotUsed() throws JOSEException {
      byte[] secret = new byte[32];
      Rules rules = new Rules();
      rules.jwks =
          "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\""
              + Base64.getUrlEncoder().withoutPadding().encodeToString(secret)
              + "\"}]}";
      JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("s").build();

      assertThat(rules.refuses(mac(header, secret))).contains("keys of the token's issuer");
    }

    @Test
    void aKeyIsUsedWithItsOwnAlgorithmOnly() {
      Rules rules = new Rules();
      rules.jwks =
          Issuer.jwks(new RSAKey.Builder(Issuer.RSA).algorithm(JWSAlgorithm.RS256).build());
      String claims = Issuer.claims().build().toString();

      rules.accepts(Issuer.signed(Issuer.header(JWSAlgorithm.RS256, "rsa"), claims, Issuer.RSA));
      rules.refuses(Issuer.signed(Issuer.header(JWSAlgorithm.PS256, "rsa"), claims, Issuer.RSA));
    }

    @Test
    void aKeyForEncryptionSignsNothing() {
      Rules rules = new Rules();
      rules.jwks = Issuer.jwks(new RSAKey.Builder(Issuer.RSA).keyUse(KeyUse.ENCRYPTION).build());

      assertThat(rules.refuses(Issuer.token())).contains("keys of the token's issuer");
    }

    @Test
    void aWeakKeySignsNothing() {
      RSAKey weak = Issuer.rsa(1024, "rsa");
      Rules rules = new Rules();
      rules.jwks = Issuer.jwks(weak);

      rules.refuses(
          Issuer.signed(
              Issuer.header(JWSAlgorithm.RS256, "rsa"), Issuer.claims().build().toString(), weak));
    }

    private JWK key(String kid) {
      return switch (kid) {
        case "rsa" -> Issuer.RSA;
        case "p256" -> Issuer.P256;
        case "p384" -> Issuer.P384;
        case "p521" -> Issuer.P521;
        default -> Issuer.ED25519;
      };
    }

    private String pem() throws JOSEException {
      return "-----BEGIN PUBLIC KEY-----\n"
          + Base64.getMimeEncoder().encodeToString(Issuer.RSA.toRSAPublicKey().getEncoded())
          + "\n-----END PUBLIC KEY-----\n";
    }

    private String mac(JWSHeader header, byte[] secret) throws JOSEException {
      JWSObject token = new JWSObject(header, new Payload(Issuer.claims().build().toString()));
      token.sign(new MACSigner(secret));
      return token.serialize();
    }
  }

  @Nested
  class Keys {
    private final String claims = Issuer.claims().build().toString();

    @Test
    void withoutKidEveryFittingKeyIsTried() {
      new Rules()
          .accepts(Issuer.signed(Issuer.header(JWSAlgorithm.ES256, ""), claims, Issuer.P256));
    }

    @Test
    void anUnknownKidIsRefusedAlthoughAKeyWouldFit() {
      assertThat(
              new Rules()
                  .refuses(
                      Issuer.signed(
                          Issuer.header(JWSAlgorithm.RS256, "other"), claims, Issuer.RSA)))
          .contains("no key of the issuer");
    }

    @Test
    void anotherKeysKidIsRefused() {
      new Rules()
          .refuses(Issuer.signed(Issuer.header(JWSAlgorithm.RS256, "p256"), claims, Issuer.RSA));
    }

    @Test
    void aKeyThatTheTokenBringsCountsForNothing() {
      RSAKey own = Issuer.rsa(2048, "rsa");
      String header =
          new JWSHeader.Builder(JWSAlgorithm.RS256)
              .keyID("rsa")
              .jwk(own.toPublicJWK())
              .build()
              .toString();

      new Rules().refuses(Issuer.signed(header, claims, own));
    }

    @Test
    void withoutKeysEveryTokenIsRefused() {
      for (String jwks : List.of("", "{\"keys\":[]}", "{\"keys\":", "nonsense", "{}")) {
        Rules rules = new Rules();
        rules.jwks = jwks;
        assertThat(rules.refuses(Issuer.token())).contains("keys of the token's issuer");
        assertThat(rules.judge(Asked.plain())).isInstanceOf(Accepted.class);
      }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aChangedPartIsRefused(int part) {
      String[] parts = Issuer.token().split("\\.", -1);
      char[] changed = parts[part].toCharArray();
      int middle = changed.length / 2;
      changed[middle] = changed[middle] == 'A' ? 'B' : 'A';
      parts[part] = new String(changed);

      new Rules().refuses(String.join(".", parts));
    }

    @Test
    void anUnknownCriticalExtensionIsRefused() {
      String header = "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[\"x\"],\"x\":1}";

      new Rules().refuses(Issuer.signed(header, claims, Issuer.RSA));
    }
  }

  @Nested
  class Claims {
    @ParameterizedTest(name = "expired {0} s ago: {1}")
    @CsvSource({"-300, true", "0, true", "59, true", "61, false", "86400, false"})
    void aTokenEndsAMinuteAfterItsTime(int ago, boolean valid) {
      check(Issuer.claims().expirationTime(Date.from(NOW.minusSeconds(ago))), valid, "expired");
    }

    @ParameterizedTest(name = "begins in {0} s: {1}")
    @CsvSource({"-300, true", "0, true", "59, true", "61, false", "86400, false"})
    void aTokenBeginsAMinuteBeforeItsTime(int in, boolean valid) {
      check(Issuer.claims().notBeforeTime(Date.from(NOW.plusSeconds(in))), valid, "not valid yet");
    }

    @Test
    void aTokenWithoutEndIsAcceptedAsInIstio() {
      check(Issuer.claims().expirationTime(null), true, "");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"https://issuer.test/", "https://ISSUER.test", "issuer.test", "", "other"})
    void theIssuerIsComparedExactly(String issuer) {
      check(Issuer.claims().issuer(issuer), false, "issuer");
    }

    @Test
    void aTokenWithoutIssuerIsRefused() {
      check(Issuer.claims().issuer(null), false, "issuer");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"pay, true", "pay;other, true", "other, false", "PAY, false", "'', false"})
    void oneAudienceOfTheRuleIsEnough(String audiences, boolean valid) {
      Rules rules = new Rules();
      rules.audiences = List.of("pay", "shop");
      JWTClaimsSet claims = Issuer.claims().audience(List.of(audiences.split(";", -1))).build();

      if (valid) {
        rules.accepts(Issuer.token(claims));
      } else {
        assertThat(rules.refuses(Issuer.token(claims))).contains("audience");
      }
    }

    @Test
    void noAudienceIsNotAnyAudience() {
      Rules rules = new Rules();
      rules.audiences = List.of("pay");

      rules.refuses(Issuer.token(Issuer.claims().audience((String) null).build()));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "[]",
          "\"text\"",
          "{\"iss\":5}",
          "{\"iss\":\"https://issuer.test\",\"exp\":\"tomorrow\"}",
          "{\"iss\":\"https://issuer.test\",\"nbf\":{}}",
          "{\"iss\":\"https://issuer.test\",\"aud\":5}",
          "{",
          "",
        })
    void whatAreNoClaimsIsRefused(String payload) {
      new Rules()
          .refuses(Issuer.signed(Issuer.header(JWSAlgorithm.RS256, "rsa"), payload, Issuer.RSA));
    }

    @Test
    void claimsOfWordsAreLists() {
      Rules rules = new Rules();
      rules.words = List.of("roles", "realm.roles", "https://x.test/groups");
      AccessToken token =
          rules.accepts(
              Issuer.token(
                  Issuer.claims()
                      .claim("scope", "read  write")
                      .claim("roles", "a b")
                      .claim("realm", Map.of("roles", "c d", "name", "e f"))
                      .claim("https://x.test/groups", "g h")
                      .build()));

      assertThat(token.claims())
          .containsEntry("scope", List.of("read", "write"))
          .containsEntry("roles", List.of("a", "b"))
          .containsEntry("realm", Map.of("roles", List.of("c", "d"), "name", "e f"))
          .containsEntry("https://x.test/groups", List.of("g", "h"));
    }

    @Test
    void anIssuerCannotSpeakForAnothersSubjects() {
      Rules shorter = new Rules();
      Rules longer = new Rules();
      longer.issuer = Issuer.NAME + "/tenant";
      TokenGate gate = TokenGate.of(List.of(shorter.rule(), longer.rule()));
      String forged = Issuer.token(Issuer.claims().subject("tenant/alice").build());
      String honest = Issuer.token(Issuer.claims().subject("alice").build());

      assertThat(((Accepted) gate.judge(Asked.plain().bearer(forged), NOW)).token().principal())
          .isEmpty();
      assertThat(((Accepted) gate.judge(Asked.plain().bearer(honest), NOW)).token().principal())
          .isEqualTo(Issuer.NAME + "/alice");
    }

    private void check(JWTClaimsSet.Builder claims, boolean valid, String reason) {
      String token = Issuer.token(claims.build());
      if (valid) {
        new Rules().accepts(token);
      } else {
        assertThat(new Rules().refuses(token)).contains(reason);
      }
    }
  }

  @Nested
  class Places {
    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "bearer ", "BEARER   "})
    void theSchemeMayHaveAnyCase(String scheme) {
      assertThat(new Rules().judge(Asked.plain().with("authorization", scheme + "nonsense")))
          .isInstanceOf(Refused.class);
      assertThat(new Rules().judge(Asked.plain().with("authorization", scheme + Issuer.token())))
          .isInstanceOf(Accepted.class);
    }

    @Test
    void anotherSchemeIsNoToken() {
      assertThat(new Rules().judge(Asked.plain().with("Authorization", "Basic nonsense")))
          .isInstanceOf(Accepted.class);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"access_token=", "a=b&access_token=", "access%5Ftoken=", "%61ccess_token="})
    void theQueryIsReadHoweverItIsSpelt(String before) {
      assertThat(new Rules().judge(Asked.query(before + "nonsense"))).isInstanceOf(Refused.class);
      assertThat(new Rules().judge(Asked.query(before + Issuer.token())))
          .isInstanceOf(Accepted.class);
    }

    @Test
    void placesOfARuleReplaceTheUsualOnes() {
      Rules rules = new Rules();
      rules.headers = List.of(new JwtRule.Header("x-token", ""));
      rules.params = List.of("t");
      rules.cookies = List.of("auth");

      assertThat(rules.judge(Asked.plain().bearer("nonsense"))).isInstanceOf(Accepted.class);
      reason(rules.judge(Asked.plain().with("X-Token", "nonsense")));
      reason(rules.judge(Asked.query("t=nonsense")));
      reason(rules.judge(Asked.plain().with("Cookie", "a=b; auth=nonsense; c=d")));
      assertThat(rules.judge(Asked.plain().with("Cookie", "auth=\"" + Issuer.token() + "\"")))
          .isInstanceOf(Accepted.class);
    }

    @Test
    void twoTokensAreRefusedAndTheSameTwiceIsOne() {
      String one = Issuer.token();
      String other = Issuer.token(Issuer.claims().subject("bob").build());

      assertThat(reason(new Rules().judge(Asked.plain().bearer(one).bearer(other))))
          .contains("several tokens");
      assertThat(reason(new Rules().judge(Asked.query("access_token=" + other).bearer(one))))
          .contains("several tokens");
      assertThat(new Rules().judge(Asked.query("access_token=" + one).bearer(one)))
          .isInstanceOf(Accepted.class);
    }

    @Test
    void anOversizedTokenIsRefused() {
      String fits = Issuer.token(Issuer.claims().claim("x", "y".repeat(8_000)).build());
      String large = Issuer.token(Issuer.claims().claim("x", "y".repeat(13_000)).build());

      new Rules().accepts(fits);
      assertThat(new Rules().refuses(large)).contains("longer");
    }

    @Test
    void aTokenOfAnIssuerThatAnotherPlaceIsForIsRefused() {
      Rules elsewhere = new Rules();
      elsewhere.headers = List.of(new JwtRule.Header("x-token", ""));
      Rules here = new Rules();
      here.issuer = "https://other.test";
      TokenGate gate = TokenGate.of(List.of(elsewhere.rule(), here.rule()));

      reason(gate.judge(Asked.plain().bearer(Issuer.token()), NOW));
      assertThat(gate.judge(Asked.plain().with("x-token", Issuer.token()), NOW))
          .isInstanceOf(Accepted.class);
    }

    @Test
    void severalRulesForOneIssuerAreAlternatives() {
      Rules first = new Rules();
      first.audiences = List.of("shop");
      Rules second = new Rules();
      second.audiences = List.of("pay");

      assertThat(
              TokenGate.of(List.of(first.rule(), second.rule()))
                  .judge(Asked.plain().bearer(Issuer.token()), NOW))
          .isInstanceOf(Accepted.class);
    }
  }

  @Nested
  class Headers {
    private final Rules rules = new Rules();

    Headers() {
      rules.payloadTo = "x-payload";
      rules.claimsTo =
          List.of(
              new JwtRule.ClaimHeader("x-user", "sub"),
              new JwtRule.ClaimHeader("x-tenant", "org.tenant"),
              new JwtRule.ClaimHeader("x-flag", "flag"),
              new JwtRule.ClaimHeader("x-list", "list"));
    }

    private String token() {
      return Issuer.token(
          Issuer.claims()
              .claim("org", Map.of("tenant", 7))
              .claim("flag", true)
              .claim("list", List.of("a"))
              .build());
    }

    private Asked apply(Asked request) {
      TokenVerdict verdict = rules.judge(request);
      assertThat(verdict).isInstanceOf(Accepted.class);
      assertThat(((Accepted) verdict).applyTo(request)).isNull();
      return request;
    }

    @Test
    void claimsReachTheApplicationAsHeaders() {
      String token = token();
      Asked request = apply(Asked.plain().bearer(token));

      assertThat(request.header("x-user")).containsExactly("alice");
      assertThat(request.header("x-tenant")).containsExactly("7");
      assertThat(request.header("x-flag")).containsExactly("true");
      assertThat(request.header("x-list")).isEmpty();
      assertThat(request.header("x-payload")).containsExactly(token.split("\\.", -1)[1]);
    }

    @Test
    void nobodyButATokenSetsThem() {
      Asked with =
          apply(Asked.plain().bearer(token()).with("X-User", "admin").with("x-list", "admin"));
      Asked without = apply(Asked.plain().with("X-User", "admin").with("x-payload", "admin"));

      assertThat(with.header("x-user")).containsExactly("alice");
      assertThat(with.header("x-list")).isEmpty();
      assertThat(without.header("x-user")).isEmpty();
      assertThat(without.header("x-payload")).isEmpty();
    }

    @Test
    void whereHeadersCannotBeSetTheRequestIsRefused() {
      Asked forged = Asked.unchangeable().with("x-user", "admin");
      Asked plain = Asked.unchangeable();

      assertThat(((Accepted) rules.judge(forged)).applyTo(forged)).contains("x-user");
      assertThat(((Accepted) rules.judge(plain)).applyTo(plain)).isNull();
    }

    @Test
    void theTokenItselfIsTakenAwayUnlessItIsToBeForwarded() {
      assertThat(apply(Asked.plain().bearer(token())).header("Authorization")).isEmpty();

      rules.forward = true;
      assertThat(apply(Asked.plain().bearer(token())).header("Authorization")).hasSize(1);
    }

    @Test
    void aClaimThatIsNoHeaderIsNone() {
      Asked request =
          apply(Asked.plain().bearer(Issuer.token(Issuer.claims().subject("a\r\nx: y").build())));

      assertThat(request.header("x-user")).isEmpty();
    }
  }
}
