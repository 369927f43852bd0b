package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.TestAgent.Reply;
import dev.weft.server.TestAgent.Stream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As what an identity may register: as what its join tokens were made for. */
class GrantsTest {
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

  private static Map<String, Object> body(
      TestAgent agent, String service, Map<String, String> labels) {
    Map<String, Object> body = agent.watchBody(service, agent.instance(), "", List.of(8080));
    @SuppressWarnings("unchecked")
    Map<String, Object> workload = (Map<String, Object>) body.get("workload");
    workload.put("labels", labels);
    return body;
  }

  private static Reply refused(TestAgent agent, String service, Map<String, String> labels)
      throws Exception {
    Reply reply = agent.post("/v1/watch", body(agent, service, labels));
    assertThat(reply.status()).isEqualTo(403);
    return reply;
  }

  @Test
  void aServiceThatNoTokenGrantedIsRefused() throws Exception {
    TestAgent intruder = TestAgent.enrolled(server, "intruder");

    Reply reply = refused(intruder, "pay", Map.of());

    assertThat(reply.code()).isEqualTo("service-not-granted");
    assertThat(reply.message()).contains("sa/intruder", "pay");
    assertThat(server.get("/v1/workloads").toString()).doesNotContain("8080");
  }

  @Test
  void aLabelAppOfAnotherServiceIsRefusedWithAndWithoutAService() throws Exception {
    TestAgent intruder = TestAgent.enrolled(server, "intruder");

    assertThat(refused(intruder, "intruder", Map.of("app", "pay")).code())
        .isEqualTo("service-not-granted");
    assertThat(refused(intruder, "", Map.of("app", "pay")).code()).isEqualTo("service-not-granted");
  }

  @Test
  void theGrantedServiceRegistersWithAnyLabelThatTheTokenLeavesOpen() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");

    try (Stream stream = pay.watch(body(pay, "pay", Map.of("version", "v2")))) {
      assertThat(stream.next()).containsKey("snapshot");
    }
  }

  @Test
  void aGrantedLabelAppMayNameAnotherService() throws Exception {
    TestAgent canary =
        TestAgent.enrolledWith(server, server.token("pay-v2", "pay", Map.of("app", "pay"), 1));

    try (Stream stream = canary.watch(body(canary, "pay-v2", Map.of("app", "pay")))) {
      assertThat(stream.next()).containsKey("snapshot");
    }
  }

  @Test
  void aLabelThatTheTokenFixedHasNoOtherValue() throws Exception {
    TestAgent pay =
        TestAgent.enrolledWith(server, server.token("pay", "pay", Map.of("version", "v1"), 1));

    Reply reply = refused(pay, "pay", Map.of("version", "v2"));
    assertThat(reply.code()).isEqualTo("label-not-granted");
    assertThat(reply.message()).contains("version=v1", "version=v2");
    try (Stream stream = pay.watch(body(pay, "pay", Map.of("version", "v1")))) {
      assertThat(stream.next()).containsKey("snapshot");
    }
  }

  @Test
  void aWorkloadThatNamesNoServiceIsOfTheServiceOfItsToken() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");

    try (Stream stream = pay.watch(body(pay, "", Map.of()))) {
      stream.next();
      assertThat(server.get("/v1/workloads").toString()).contains("service=pay");
    }
  }

  @Test
  void grantsSurviveARenewalAndARestart() throws Exception {
    var key = TestAgent.ecKey("secp256r1");
    TestAgent intruder = TestAgent.enrolled(server, "intruder");
    TestAgent renewed =
        TestAgent.with(server, key, intruder.post("/v1/renew", Map.of("csr", TestAgent.csr(key))));
    assertThat(refused(renewed, "pay", Map.of()).code()).isEqualTo("service-not-granted");

    server.close();
    server = TestServer.in(folder);
    TestAgent second =
        TestAgent.enrolledWith(server, server.token("extra", "intruder", Map.of(), 1));
    assertThat(refused(second, "pay", Map.of()).code()).isEqualTo("service-not-granted");
    try (Stream stream = second.watch(body(second, "intruder", Map.of()))) {
      assertThat(stream.next()).containsKey("snapshot");
    }
  }
}
