package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.server.operator.OperatorTokens;
import dev.weft.server.operator.Role;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Named operator tokens: what each role may, and when a token stops to count. */
class OperatorTokenTest {
  private TestServer server;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    server = TestServer.in(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<byte[]> call(String method, String path, String token, String body)
      throws Exception {
    return server
        .client()
        .send(
            HttpRequest.newBuilder(server.uri().resolve(path))
                .method(method, BodyPublishers.ofString(body))
                .header("Authorization", "Bearer " + token)
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }

  private int status(String token) throws Exception {
    return call("GET", "/v1/status", token, "").statusCode();
  }

  private String code(HttpResponse<byte[]> answer) throws Exception {
    return String.valueOf(((Map<?, ?>) Json.object(answer.body()).get("error")).get("code"));
  }

  @Test
  void aTokenMadeWhileTheServerRunsCountsAtOnce() throws Exception {
    assertThat(status(server.operatorToken("ci", Role.VIEWER))).isEqualTo(200);
  }

  @Test
  void aViewerReadsAndChangesNothing() throws Exception {
    String viewer = server.operatorToken("ci", Role.VIEWER);

    HttpResponse<byte[]> refused = call("POST", "/v1/tokens", viewer, "{\"service\":\"pay\"}");

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(code(refused)).isEqualTo("operator-role");
    assertThat(server.tokens().list()).isEmpty();
    assertThat(server.log())
        .anyMatch(line -> line.contains("operator=ci") && line.contains("operator-role"));
  }

  @Test
  void anOperatorMakesAJoinTokenThatIsGood() throws Exception {
    String operator = server.operatorToken("anna", Role.OPERATOR);

    HttpResponse<byte[]> made =
        call("POST", "/v1/tokens", operator, "{\"service\":\"pay\",\"ttl\":\"5m\"}");

    assertThat(made.statusCode()).isEqualTo(200);
    String token = String.valueOf(Json.object(made.body()).get("token"));
    assertThat(TestAgent.enrolledWith(server, token)).isNotNull();
    String id = String.valueOf(Json.object(made.body()).get("id"));
    assertThat(server.log())
        .filteredOn(line -> line.contains("operator changed"))
        .singleElement()
        .asString()
        .contains("operator=anna", "method=POST", "path=/v1/tokens", "token=" + id, "service=pay");
  }

  @Test
  void aJoinTokenRevokedByTheApiNoLongerEnrols() throws Exception {
    String token = server.token("pay", 1);
    String id = token.split("\\.")[1];

    assertThat(call("DELETE", "/v1/tokens/" + id, server.operatorToken(), "").statusCode())
        .isEqualTo(200);

    TestAgent.Reply reply =
        TestAgent.enroll(server, token, TestAgent.csr(TestAgent.ecKey("secp256r1")), "pay");
    assertThat(reply.code()).isEqualTo("token-revoked");
  }

  @Test
  void impossibleOrdersAreRefusedWithTheReason() throws Exception {
    for (String order :
        new String[] {
          "{\"service\":\"\"}",
          "{\"service\":\"pay\",\"uses\":0}",
          "{\"service\":\"pay\",\"ttl\":\"soon\"}",
          "{\"service\":\"pay\",\"namespace\":\"weft\"}",
          "{}"
        }) {
      HttpResponse<byte[]> answer = call("POST", "/v1/tokens", server.operatorToken(), order);
      assertThat(answer.statusCode()).as(order).isEqualTo(400);
    }
  }

  @Test
  void aRevokedTokenIsRefusedFromTheNextRequestOn() throws Exception {
    String revoked = server.operatorToken("ci", Role.VIEWER);
    String other = server.operatorToken("dashboard", Role.VIEWER);
    assertThat(status(revoked)).isEqualTo(200);

    server.operatorTokens().revoke("ci");

    HttpResponse<byte[]> answer = call("GET", "/v1/status", revoked, "");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(code(answer)).isEqualTo("operator-token-revoked");
    assertThat(status(other)).isEqualTo(200);
  }

  @Test
  void aTokenEndsWithItsTime() throws Exception {
    String token = server.operatorToken("ci", Role.VIEWER);
    assertThat(status(token)).isEqualTo(200);

    server.clock().advance(Duration.ofDays(1));

    HttpResponse<byte[]> answer = call("GET", "/v1/status", token, "");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(code(answer)).isEqualTo("operator-token-expired");
    assertThat(status(server.operatorToken())).isEqualTo(200);
  }

  @Test
  void whoDoesNotKnowTheSecretLearnsNothingOfTheToken() throws Exception {
    String token = server.operatorToken("ci", Role.VIEWER);
    server.operatorTokens().revoke("ci");
    String wrong = token.substring(0, token.length() - 32) + "0".repeat(32);

    HttpResponse<byte[]> known = call("GET", "/v1/status", wrong, "");
    HttpResponse<byte[]> unknown =
        call("GET", "/v1/status", "weftop1.00000000." + "0".repeat(32), "");

    assertThat(code(known)).isEqualTo("operator-token");
    assertThat(known.body()).isEqualTo(unknown.body());
  }

  @Test
  void secretsAreNotOnTheDisk() throws Exception {
    String token = server.operatorToken("ci", Role.OPERATOR);
    String secret = token.substring(token.lastIndexOf('.') + 1);

    assertThat(Files.readString(server.state().resolve("operators.json")))
        .contains("\"ci\"")
        .doesNotContain(secret);
  }

  @Test
  void aDamagedFileRefusesNamedTokensAndNotTheBootstrapOne() throws Exception {
    String token = server.operatorToken("ci", Role.VIEWER);
    assertThat(status(token)).isEqualTo(200);

    Files.writeString(server.state().resolve("operators.json"), "{\"tokens\": nonsense");

    assertThat(status(token)).isEqualTo(401);
    assertThat(status(server.operatorToken())).isEqualTo(200);
    assertThat(server.log()).anyMatch(line -> line.contains("operators.json is damaged"));
  }

  @Test
  void twoGoodTokensCannotHaveOneName() throws Exception {
    server.operatorToken("ci", Role.VIEWER);

    assertThatThrownBy(() -> server.operatorToken("ci", Role.OPERATOR))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("has the name ci already");
    server.operatorTokens().revoke("ci");
    assertThat(status(server.operatorToken("ci", Role.OPERATOR))).isEqualTo(200);
  }

  @Test
  void namesThatWouldConfuseALogAreRefused() {
    for (String name : new String[] {"", "bootstrap", "a b", "x=y", "A", "a\nb", "-a"}) {
      assertThatThrownBy(() -> new OperatorTokens.Order(name, Role.VIEWER, Duration.ofDays(1)))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(new OperatorTokens.Order("ci.build-1", Role.VIEWER, Duration.ofDays(1)).name())
        .isEqualTo("ci.build-1");
  }

  @Test
  void theServerSaysWhenATokenWasLastUsed() throws Exception {
    String token = server.operatorToken("ci", Role.VIEWER);
    assertThat(Json.text(server.get("/v1/operators"))).doesNotContain("lastUsed");

    status(token);

    assertThat(Json.text(server.get("/v1/operators"))).contains("\"lastUsed\"");
    server.close();
    assertThat(server.operatorTokens().lastUsed()).hasSize(1);
  }
}
