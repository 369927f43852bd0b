package dev.weft.agent.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.weft.agent.access.AccessGate;
import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.telemetry.TelemetryOff;
import dev.weft.agent.token.Asked;
import dev.weft.instrumentation.LocalReply;
import dev.weft.policy.Peer;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Documents, a token, and what the application's caller gets. */
class TokenTrafficTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
  private static final ECKey KEY = key();
  private static final Workload PAY =
      new Workload(
          "pay-1",
          "pay",
          "default",
          "pay",
          "spiffe://cluster.local/ns/default/sa/pay",
          "10.0.0.7",
          Map.of(),
          List.of(8080),
          Map.of(),
          true);

  private static final String TOKENS =
      """
      apiVersion: security.istio.io/v1
      kind: RequestAuthentication
      metadata: {name: jwt}
      spec:
        jwtRules:
        - issuer: https://issuer.test
          jwks: '%s'
          outputClaimToHeaders: [{header: x-user, claim: sub}]
      """
          .formatted(new JWKSet(KEY).toString(true));

  private static final String ADMINS =
      """
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: admins}
      spec:
        rules:
        - when: [{key: "request.auth.claims[realm][groups]", values: [admins]}]
      """;

  private final Snapshots snapshots = new Snapshots(Samples.SILENT);
  private final ServerTraffic server =
      new ServerTraffic(
          snapshots,
          (remote, local) -> Peer.PLAINTEXT,
          new AccessGate(OnFailure.CLOSED),
          TelemetryOff.telemetry(),
          Samples.SILENT,
          () -> NOW);

  private void apply(String documents) {
    PolicyStore store = PolicyStore.empty().update(List.of(new SourceFile("mesh.yaml", documents)));
    assertThat(store.diagnostics()).isEmpty();
    snapshots.publish(
        new MeshView(
            MeshCompiler.compile(store, List.of(PAY), "cluster.local", List.of("ROOT"))
                .snapshotFor(PAY)));
  }

  private @Nullable LocalReply refusal(Asked request) {
    return server.begin("test", request).refusal();
  }

  private static ECKey key() {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID("1").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String token(String subject, String group, Instant end) {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("1").build(),
            new JWTClaimsSet.Builder()
                .issuer("https://issuer.test")
                .subject(subject)
                .claim("realm", Map.of("groups", List.of("staff", group)))
                .expirationTime(Date.from(end))
                .build());
    try {
      token.sign(new ECDSASigner(KEY));
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
    return token.serialize();
  }

  @Test
  void anInvalidTokenIsAnswered401WithTheRuleAndAChallenge() {
    apply(TOKENS);

    LocalReply reply = refusal(Asked.plain().bearer(token("a", "b", NOW.minusSeconds(600))));

    assertThat(reply).isNotNull();
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.reasonValue()).isEqualTo("UAEX; RequestAuthentication default/jwt");
    assertThat(reply.reason()).contains("expired");
    assertThat(reply.challenge()).startsWith("Bearer");
  }

  @Test
  void aValidTokenAndNoTokenPass() {
    apply(TOKENS);

    assertThat(refusal(Asked.plain().bearer(token("a", "b", NOW.plusSeconds(60))))).isNull();
    assertThat(refusal(Asked.plain())).isNull();
  }

  @Test
  void aRuleOnClaimsNeedsATokenThatHasThem() {
    apply(TOKENS + ADMINS);

    LocalReply without = refusal(Asked.plain());
    LocalReply wrong = refusal(Asked.plain().bearer(token("a", "users", NOW.plusSeconds(60))));

    assertThat(refusal(Asked.plain().bearer(token("a", "admins", NOW.plusSeconds(60))))).isNull();
    assertThat(without).isNotNull();
    assertThat(without.status()).isEqualTo(403);
    assertThat(without.challenge()).isNull();
    assertThat(wrong).isNotNull();
    assertThat(wrong.reasonValue()).isEqualTo("UAEX; AuthorizationPolicy default/admins");
  }

  @Test
  void withoutRequestAuthenticationATokenProvesNothing() {
    apply(ADMINS);

    assertThat(refusal(Asked.plain().bearer(token("a", "admins", NOW.plusSeconds(60)))))
        .isNotNull();
  }

  @Test
  void theApplicationSeesTheSubjectOfTheTokenAndNobodyElses() {
    apply(TOKENS);
    Asked request =
        Asked.plain().bearer(token("alice", "b", NOW.plusSeconds(60))).with("x-user", "admin");

    assertThat(refusal(request)).isNull();
    assertThat(request.header("x-user")).containsExactly("alice");
  }

  @Test
  void aDeniedRequestIsNotTouched() {
    apply(TOKENS + ADMINS);
    Asked request = Asked.plain().with("x-user", "admin");

    assertThat(refusal(request)).isNotNull();
    assertThat(request.header("x-user")).containsExactly("admin");
  }
}
