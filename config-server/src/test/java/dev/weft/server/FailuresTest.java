package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.part.HeldParts;
import dev.weft.server.TestAgent.Stream;
import dev.weft.server.protocol.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of policy when disks, clocks, backups and readers fail. */
class FailuresTest {
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: strict}
      spec: {mtls: {mode: STRICT}}
      """;

  @TempDir Path folder;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.in(folder, TestServer.QUICK, Duration.ofSeconds(1));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void restart() throws IOException {
    server.close();
    server = TestServer.in(folder, TestServer.QUICK, Duration.ofSeconds(1));
  }

  private Map<?, ?> policy() throws Exception {
    return (Map<?, ?>) server.get("/v1/status").get("policy");
  }

  private long generation() throws Exception {
    return ((Number) policy().get("generation")).longValue();
  }

  private static Map<String, Object> changes(TestAgent agent) {
    Map<String, Object> body = agent.watchBody("pay", agent.instance(), "", List.of(8080));
    body.put("protocol", 2);
    return body;
  }

  private static String mode(Map<String, Object> message) {
    return Json.text(((Map<?, ?>) message.get("parts")).get("workload"))
            .contains("\"mode\":\"STRICT\"")
        ? "STRICT"
        : "PERMISSIVE";
  }

  @Test
  void aRestartKeepsTheGeneration() throws Exception {
    server.write("strict.yaml", STRICT);
    await().until(() -> generation() == 2);
    Object epoch = policy().get("epoch");

    restart();

    assertThat(generation()).isEqualTo(2);
    assertThat(policy().get("epoch")).isEqualTo(epoch);
    assertThat(policy().containsKey("sameAs")).isFalse();
  }

  @Test
  void anOlderPolicyFolderIsInForceAndSaidToBeOlder() throws Exception {
    server.write("strict.yaml", STRICT);
    await().until(() -> generation() == 2);
    server.write("strict.yaml", STRICT.replace("STRICT", "PERMISSIVE"));
    await().until(() -> generation() == 3);
    server.close();
    Files.writeString(server.policy().resolve("strict.yaml"), STRICT);
    server = TestServer.in(folder, TestServer.QUICK, Duration.ofSeconds(1));

    assertThat(generation()).isEqualTo(4);
    assertThat(Json.text(policy().get("sameAs"))).contains("\"generation\":2");
    assertThat(server.log())
        .anyMatch(line -> line.contains("policy is as it was before generation=4 equals=2"));
    try (Stream stream = TestAgent.enrolled(server, "pay").watch("pay", 8080)) {
      assertThat(Json.text(stream.next())).contains("\"mode\":\"STRICT\"");
    }
  }

  @Test
  void anOlderStateFolderIsNoticedByWhatAgentsHaveHeard() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = new LinkedHashMap<>(changes(agent));
    String epoch = String.valueOf(policy().get("epoch"));
    body.put("policy", Map.of("epoch", epoch, "generation", 41));

    try (Stream stream = agent.watch(body)) {
      Map<String, Object> message =
          stream.next(m -> ((Number) m.get("generation")).longValue() == 42);
      assertThat(message).containsEntry("epoch", epoch);
    }

    assertThat(policy().get("setBack")).isEqualTo(Map.of("seen", 41, "known", 1));
    assertThat(server.log())
        .anyMatch(line -> line.contains("policy was set back: an agent has seen generation=41"));
    restart();
    assertThat(generation()).as("numbers never go back").isEqualTo(42);
  }

  @Test
  void aNumberThatNobodyCanHaveCountedToIsNotBelieved() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = new LinkedHashMap<>(changes(agent));
    String epoch = String.valueOf(policy().get("epoch"));
    body.put("policy", Map.of("epoch", epoch, "generation", Long.MAX_VALUE));

    try (Stream stream = agent.watch(body)) {
      assertThat(((Number) stream.next().get("generation")).longValue()).isEqualTo(1);
    }
    assertThat(policy().containsKey("setBack")).isFalse();
  }

  @Test
  void whatAnotherServerCountedSaysNothingHere() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = new LinkedHashMap<>(changes(agent));
    body.put("policy", Map.of("epoch", "of-another-server", "generation", 41));

    try (Stream stream = agent.watch(body)) {
      assertThat(((Number) stream.next().get("generation")).longValue()).isEqualTo(1);
      assertThat(policy().containsKey("setBack")).isFalse();
      assertThat(server.status()).contains("of-another-server");
    }
  }

  @Test
  void aStateFolderThatTakesNothingMoreStopsNobody() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    try (Stream stream = agent.watch(changes(agent))) {
      stream.next();
      // A full disk and a read-only folder look alike from here: files cannot be replaced.
      for (String name : List.of("last-good.json", "generation.json")) {
        Path file = server.state().resolve("policy").resolve(name);
        Files.deleteIfExists(file);
        Files.createDirectories(file.resolve("in-the-way"));
      }
      server.write("strict.yaml", STRICT);

      assertThat(mode(stream.next())).isEqualTo("STRICT");
      await()
          .untilAsserted(
              () ->
                  assertThat(server.log())
                      .anyMatch(line -> line.contains("last good policy not saved"))
                      .anyMatch(line -> line.contains("policy generation not saved")));
      assertThat(generation()).isEqualTo(2);
    }
  }

  @Test
  void aDamagedCountBeginsANewEpoch() throws Exception {
    String before = String.valueOf(policy().get("epoch"));
    server.close();
    Files.writeString(server.state().resolve("policy/generation.json"), "{\"epoch\": 7, \"gen");
    server = TestServer.in(folder, TestServer.QUICK, Duration.ofSeconds(1));

    assertThat(policy().get("epoch")).isNotEqualTo(before);
    assertThat(server.log()).anyMatch(line -> line.contains("a new epoch begins"));
  }

  @Test
  void aClockThatJumpsDelaysNoPolicy() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    try (Stream stream = agent.watch(changes(agent))) {
      stream.next();
      server.clock().jump(Duration.ofHours(3));
      server.write("strict.yaml", STRICT);
      assertThat(mode(stream.next())).isEqualTo("STRICT");
      server.clock().jump(Duration.ofHours(-5));
      server.write("strict.yaml", STRICT.replace("STRICT", "PERMISSIVE"));
      assertThat(mode(stream.next())).isEqualTo("PERMISSIVE");
    }
  }

  @Test
  void aClockThatJumpsByDaysEndsNoStreamAndNoRegistrationAndIsSaid() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    try (Stream stream = agent.watch(changes(agent))) {
      stream.next();
      assertThat(agent.report(Map.of("listening", List.of(8080))).status())
          .isEqualTo(200); // over its second connection
      for (Duration jump : List.of(Duration.ofDays(3), Duration.ofDays(-6), Duration.ofDays(3))) {
        int before = jumpsSaid();
        server.clock().jump(jump);
        // Of its ticks, ten a second, some have passed by then.
        await().until(() -> jumpsSaid() > before);
        String wanted = before % 2 == 0 ? "STRICT" : "PERMISSIVE";
        server.write("strict.yaml", STRICT.replace("STRICT", wanted));
        assertThat(mode(stream.next())).isEqualTo(wanted);
        assertThat(agent.report(Map.of("listening", List.of(8080))).status()).isEqualTo(200);
      }
      assertThat(server.get("/v1/workloads").toString()).contains("pay-");
      assertThat(server.log()).noneMatch(line -> line.contains("lost its stream"));
      assertThat(server.get("/v1/status").get("server").toString())
          .contains("clockJumped", "times=3");
    }
  }

  private int jumpsSaid() {
    return (int) server.log().stream().filter(line -> line.contains("clock jumped")).count();
  }

  @Test
  void theServersOwnCertificateIsGoodByTheTimeBeforeAJumpAndAfterIt() throws Exception {
    Instant before = server.clock().instant();
    server.clock().jump(Duration.ofDays(3));
    await().until(() -> jumpsSaid() == 1);
    server.clock().jump(Duration.ofDays(-9));
    await().until(() -> jumpsSaid() == 2);

    await()
        .untilAsserted(
            () -> {
              X509Certificate leaf = server.presented();
              for (int days : List.of(0, 3, -6)) {
                leaf.checkValidity(Date.from(before.plus(Duration.ofDays(days)).plusSeconds(1)));
              }
            });
  }

  @Test
  void whoseClockIsWrongIsSaid() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    try (Stream stream = agent.watch(changes(agent))) {
      stream.next();
      String right = server.clock().instant().toString();
      agent.report(Map.of("status", Map.of("clock", right)));
      assertThat(ahead()).isBetween(-5L, 5L);
      String wrong = server.clock().instant().plus(Duration.ofHours(7)).toString();
      agent.report(Map.of("status", Map.of("clock", wrong)));
      assertThat(ahead()).isBetween(7 * 3600L - 5, 7 * 3600L + 5);
      agent.report(Map.of("status", Map.of("clock", "noon")));
      assertThat(agentStatus().containsKey("clockAheadSeconds")).isFalse();
    }
  }

  private long ahead() throws Exception {
    return ((Number) agentStatus().get("clockAheadSeconds")).longValue();
  }

  private Map<?, ?> agentStatus() throws Exception {
    return (Map<?, ?>) ((List<?>) server.get("/v1/status").get("agents")).get(0);
  }

  @Test
  void whoReadsSlowlyMissesWhatWasInBetweenAndEndsUpRight() throws Exception {
    server.close();
    server = TestServer.in(folder, PATIENT, Duration.ofSeconds(1));
    TestAgent agent = TestAgent.enrolled(server, "pay");
    List<Map<String, Object>> lines = new ArrayList<>();
    int edits = 24;
    try (BufferedReader slow =
        new BufferedReader(
            new InputStreamReader(agent.open(changes(agent)), StandardCharsets.UTF_8))) {
      for (int i = 1; i <= edits; i++) {
        long next = i + 1L;
        server.write("big.yaml", big(i));
        await().pollInterval(Duration.ofMillis(10)).until(() -> generation() >= next);
      }
      String last = offered();
      HeldParts held = HeldParts.NONE;
      while (!held.version().equals(last)) {
        Map<String, Object> line = Json.object(slow.readLine().getBytes(StandardCharsets.UTF_8));
        if (line.get("type").equals("ping")) {
          continue;
        }
        lines.add(line);
        held =
            held.with(
                String.valueOf(line.get("base")),
                String.valueOf(line.get("version")),
                (Map<?, ?>) line.get("parts"),
                (List<?>) line.get("removed"));
      }
    }

    assertThat(lines).as("of %d versions", edits).hasSizeLessThan(edits);
  }

  private static final dev.weft.server.http.Timing PATIENT =
      new dev.weft.server.http.Timing(
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofMillis(100),
          Duration.ofSeconds(120));

  private String offered() throws Exception {
    return String.valueOf(
        ((Map<?, ?>) ((List<?>) server.get("/v1/status").get("agents")).get(0)).get("version"));
  }

  /** Rules of half a megabyte, another one each time. */
  private static String big(int number) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: big}
            spec:
              action: ALLOW
              rules:
              - to:
                - operation:
                    paths:
            """);
    for (int i = 0; i < 2500; i++) {
      text.append("        - /").append("x".repeat(400)).append(number).append(i).append('\n');
    }
    return text.toString();
  }
}
