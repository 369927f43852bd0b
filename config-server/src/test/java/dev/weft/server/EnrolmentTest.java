package dev.weft.server;

import static dev.weft.server.TestAgent.csr;
import static dev.weft.server.TestAgent.ecKey;
import static dev.weft.server.TestAgent.enroll;
import static dev.weft.server.TestAgent.rsaKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.server.TestAgent.Reply;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.Pem;
import dev.weft.server.enroll.JoinTokens;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets a certificate, and whose. */
class EnrolmentTest {
  private static final String PAY = "spiffe://cluster.local/ns/default/sa/pay";
  private static final String BOSS = "spiffe://cluster.local/ns/default/sa/boss";

  @TempDir Path folder;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.in(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aJoinTokenGivesTheIdentityItWasMadeFor() throws Exception {
    Reply reply = enroll(server, server.token("pay", 1), csr(ecKey("secp256r1")), "pay");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body())
        .containsEntry("spiffeId", PAY)
        .containsEntry("trustDomain", "cluster.local");
    assertThat(Pem.certificates(String.valueOf(((List<?>) reply.body().get("bundle")).get(0))))
        .containsExactly(server.root());
  }

  @Test
  void aLeafIsAnSvidOfOneDay() throws Exception {
    KeyPair key = ecKey("secp256r1");
    Reply reply = enroll(server, server.token("pay", 1), csr(key), "pay");

    X509Certificate leaf = Pem.certificates(TestAgent.certificates(reply)).get(0);
    leaf.verify(server.root().getPublicKey());
    assertThat(leaf.getPublicKey()).isEqualTo(key.getPublic());
    assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, PAY));
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getKeyUsage())
        .containsExactly(true, false, false, false, false, false, false, false, false);
    assertThat(leaf.getExtendedKeyUsage())
        .containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.15", "2.5.29.19");
    assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=pay");
    assertThat(leaf.getSerialNumber().bitLength()).isBetween(64, 128);
    Duration life =
        Duration.between(leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
    assertThat(life).isEqualTo(Duration.ofHours(24).plusSeconds(60));
    assertThat(Instant.parse(String.valueOf(reply.body().get("notAfter"))))
        .isEqualTo(leaf.getNotAfter().toInstant());
  }

  @Test
  void aWrongSecretIsRefusedAndLoggedOnce() throws Exception {
    String[] parts = server.token("pay", 1).split("\\.");
    String forged = String.join(".", parts[0], parts[1], "0".repeat(32), parts[3]);

    Reply reply = enroll(server, forged, csr(ecKey("secp256r1")), "pay");

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.code()).isEqualTo("token-wrong");
    assertThat(server.log())
        .filteredOn(line -> line.contains("enrolment refused"))
        .singleElement()
        .asString()
        .contains("code=token-wrong")
        .doesNotContain("0".repeat(32));
  }

  @Test
  void anUnknownTokenIsRefusedInTheSameWords() throws Exception {
    String[] parts = server.token("pay", 1).split("\\.");
    String unknown = String.join(".", parts[0], "0badcafe", parts[2], parts[3]);
    String wrong = String.join(".", parts[0], parts[1], "0".repeat(32), parts[3]);

    Reply first = enroll(server, unknown, csr(ecKey("secp256r1")), "pay");
    server.clock().advance(Duration.ofSeconds(2));
    Reply second = enroll(server, wrong, csr(ecKey("secp256r1")), "pay");

    assertThat(first).isEqualTo(second);
  }

  @Test
  void aClockThatIsSetBackShutsNoAddressOut() throws Exception {
    String token = server.token("pay", 1);
    String[] parts = token.split("\\.");
    String wrong = String.join(".", parts[0], parts[1], "0".repeat(32), parts[3]);
    enroll(server, wrong, csr(ecKey("secp256r1")), "pay");
    server.clock().jump(Duration.ofDays(-3));

    assertThat(enroll(server, token, csr(ecKey("secp256r1")), "pay").code())
        .isEqualTo("too-many-tries");
    server.clock().advance(Duration.ofSeconds(2));
    assertThat(enroll(server, token, csr(ecKey("secp256r1")), "pay").status()).isEqualTo(200);
  }

  @Test
  void aUsedUpTokenIsRefused() throws Exception {
    String token = server.token("pay", 2);

    assertThat(enroll(server, token, csr(ecKey("secp256r1")), "pay").status()).isEqualTo(200);
    assertThat(enroll(server, token, csr(ecKey("secp256r1")), "pay").status()).isEqualTo(200);
    Reply third = enroll(server, token, csr(ecKey("secp256r1")), "pay");

    assertThat(third.status()).isEqualTo(401);
    assertThat(third.code()).isEqualTo("token-used");
  }

  @Test
  void anAnswerThatGotLostMayBeAskedForAgainWithTheSameKey() throws Exception {
    String token = server.token("pay", 1);
    KeyPair key = ecKey("secp256r1");

    assertThat(enroll(server, token, csr(key), "pay").status()).isEqualTo(200);
    assertThat(enroll(server, token, csr(key), "pay").status()).isEqualTo(200);
  }

  @Test
  void aTokenOfOneUseGivesOneOfManyAtOnceACertificate() throws Exception {
    String token = server.token("pay", 1);
    Callable<Integer> attempt =
        () -> enroll(server, token, csr(ecKey("secp256r1")), "pay").status();
    ExecutorService many = Executors.newFixedThreadPool(8);
    try {
      List<Integer> statuses =
          many.invokeAll(Collections.nCopies(8, attempt)).stream()
              .map(
                  future -> {
                    try {
                      return future.get();
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  })
              .toList();

      assertThat(statuses).containsOnlyOnce(200).allMatch(s -> s == 200 || s == 401 || s == 429);
    } finally {
      many.shutdownNow();
    }
  }

  @Test
  void anExpiredTokenIsRefused() throws Exception {
    String token = server.token("pay", 1);
    server.clock().advance(Duration.ofMinutes(61));

    Reply reply = enroll(server, token, csr(ecKey("secp256r1")), "pay");

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.code()).isEqualTo("token-expired");
  }

  @Test
  void aTokenThatWasRevokedWhileTheServerRunsIsRefused() throws Exception {
    String token = server.token("pay", 1);
    assertThat(server.tokens().revoke(token.split("\\.")[1])).isTrue();

    Reply reply = enroll(server, token, csr(ecKey("secp256r1")), "pay");

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.code()).isEqualTo("token-revoked");
  }

  @Test
  void afterAFailingTryAnAddressIsRefusedAtTheDoorForASecond() throws Exception {
    String good = server.token("pay", 1);
    String csr = csr(ecKey("secp256r1"));

    assertThat(enroll(server, "weft1.nonsense", csr, "pay").status()).isEqualTo(401);
    Reply second = enroll(server, "weft1.nonsense", csr, "pay");
    assertThat(second.status()).isEqualTo(429);
    assertThat(second.code()).isEqualTo("too-many-tries");
    assertThat(enroll(server, good, csr, "pay").code()).isEqualTo("too-many-tries");
    server.clock().advance(Duration.ofSeconds(2));
    assertThat(enroll(server, good, csr, "pay").status()).isEqualTo(200);
    assertThat(enroll(server, "weft1.nonsense", csr, "pay").status()).isEqualTo(401);
  }

  @Test
  void withoutAGoodTokenTheRequestIsNotEvenRead() throws Exception {
    String[] parts = server.token("pay", 1).split("\\.");
    String forged = String.join(".", parts[0], parts[1], "0".repeat(32), parts[3]);

    assertThat(enroll(server, forged, "no PEM", "pay").code()).isEqualTo("token-wrong");
  }

  @Test
  void aRequestForAnotherIdentityIsRefusedNamingBothAndUsesNothingUp() throws Exception {
    String token = server.token("pay", 1);

    Reply reply = enroll(server, token, csr(ecKey("secp256r1"), BOSS), "pay");

    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.code()).isEqualTo("csr-identity");
    assertThat(reply.message()).contains(BOSS, PAY);
    assertThat(server.log()).anyMatch(line -> line.contains(BOSS) && line.contains(PAY));
    server.clock().advance(Duration.ofSeconds(2)); // the pause after a failing try
    assertThat(enroll(server, token, csr(ecKey("secp256r1"), PAY), "pay").status()).isEqualTo(200);
  }

  @Test
  void aTokenIsNoGoodForAnotherService() throws Exception {
    Reply reply = enroll(server, server.token("pay", 1), csr(ecKey("secp256r1")), "orders");

    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.message()).contains("pay").contains("orders");
  }

  @Test
  void aRequestThatItsOwnKeyDidNotSignIsRefused() throws Exception {
    String csr = csr(ecKey("secp256r1"), ecKey("secp256r1").getPrivate());

    Reply reply = enroll(server, server.token("pay", 1), csr, "pay");

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.code()).isEqualTo("csr-signature");
  }

  @Test
  void weakAndUnusualKeysAreRefused() throws Exception {
    for (KeyPair key : List.of(rsaKey(1024), ecKey("secp521r1"))) {
      server.clock().advance(Duration.ofSeconds(2));
      Reply reply = enroll(server, server.token("pay", 1), csr(key), "pay");
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.code()).isEqualTo("csr-key");
    }
  }

  @Test
  void strongKeysOfBothKindsAreCertified() throws Exception {
    for (KeyPair key : List.of(rsaKey(2048), ecKey("secp384r1"))) {
      assertThat(enroll(server, server.token("pay", 1), csr(key), "pay").status()).isEqualTo(200);
    }
  }

  @Test
  void whatIsNoRequestAtAllIsRefused() throws Exception {
    Reply reply = enroll(server, server.token("pay", 1), "no PEM", "pay");

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.code()).isEqualTo("csr-malformed");
  }

  @Test
  void aCertificateRenewsItself() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    KeyPair key = ecKey("secp256r1");
    server.clock().advance(Duration.ofHours(12));

    Reply reply = agent.post("/v1/renew", Map.of("csr", csr(key, PAY)));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).containsEntry("spiffeId", PAY);
    X509Certificate renewed = Pem.certificates(TestAgent.certificates(reply)).get(0);
    assertThat(renewed.getNotAfter()).isAfter(agent.leaf().getNotAfter());
  }

  @Test
  void aRenewalForAnotherIdentityIsRefused() throws Exception {
    Reply reply =
        TestAgent.enrolled(server, "pay")
            .post("/v1/renew", Map.of("csr", csr(ecKey("secp256r1"), BOSS)));

    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.message()).contains(BOSS, PAY);
  }

  @Test
  void anExpiredCertificateIsToldSoInASentenceOnBothEnds() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    server.clock().advance(Duration.ofHours(25));

    Reply reply = agent.post("/v1/renew", Map.of("csr", csr(ecKey("secp256r1"))));

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.code()).isEqualTo("certificate-expired");
    assertThat(reply.message()).contains(PAY);
    assertThat(server.log()).anyMatch(line -> line.contains("certificate-expired"));
  }

  @Test
  void aCertificateOfAnotherAuthorityIsNoProof(@TempDir Path elsewhere) throws Exception {
    KeyPair key = ecKey("secp256r1");
    Reply foreign;
    try (TestServer other = TestServer.in(elsewhere)) {
      foreign = enroll(other, other.token("pay", 1), csr(key), "pay");
    }

    Reply reply = TestAgent.with(server, key, foreign).post("/v1/renew", Map.of("csr", csr(key)));

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.code()).isEqualTo("certificate-untrusted");
  }

  @Test
  void withoutACertificateThereIsNoRenewal() throws Exception {
    Reply reply =
        TestAgent.post(
            server, server.client(), "/v1/renew", Map.of("csr", csr(ecKey("secp256r1"))));

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.code()).isEqualTo("no-certificate");
  }

  @Test
  void tokensSurviveARestartAndSoDoesTheRoot() throws Exception {
    String token = server.token("pay", 1);
    X509Certificate root = server.root();
    server.close();
    server = TestServer.in(folder);

    assertThat(server.root()).isEqualTo(root);
    assertThat(token).endsWith(CertificateAuthority.pin(root));
    assertThat(enroll(server, token, csr(ecKey("secp256r1")), "pay").status()).isEqualTo(200);
  }

  @Test
  void nobodyGetsATokenForTheServersOwnIdentity() {
    assertThatThrownBy(
            () ->
                new JoinTokens.Order(
                    "x", "weft", "config-server", Map.of(), Duration.ofHours(1), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
