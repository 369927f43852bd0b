package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.Snapshot;
import dev.weft.policy.tree.Trees;
import dev.weft.server.TestAgent.Reply;
import dev.weft.server.TestAgent.Stream;
import dev.weft.server.cli.WeftCommand;
import dev.weft.server.protocol.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What agents hear of policy and of each other. */
class WatchTest {
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: strict}
      spec:
        mtls: {mode: STRICT}
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

  private static Snapshot snapshot(Map<String, Object> message) {
    return Trees.fromTree((Map<?, ?>) message.get("snapshot"), Snapshot.class);
  }

  private static String mode(Map<String, Object> message) {
    return snapshot(message).inbound().mtls().mode().name();
  }

  @Test
  void whoComesBackAsItWasCostsNoCompilation() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = agent.watchBody("pay", agent.instance(), "", List.of(8080));
    String version;
    try (Stream first = agent.watch(body)) {
      version = snapshot(first.next()).version();
      double before = server.metric("weft_server_compile_duration_seconds_count");

      try (Stream same = agent.watch(body)) { // it takes over
        assertThat(snapshot(same.next()).version()).isEqualTo(version);
        assertThat(server.metric("weft_server_compile_duration_seconds_count")).isEqualTo(before);

        body = agent.watchBody("pay", agent.instance(), version, List.of(8080, 9090));
        try (Stream other = agent.watch(body)) {
          await()
              .untilAsserted(
                  () ->
                      assertThat(server.metric("weft_server_compile_duration_seconds_count"))
                          .isGreaterThan(before));
          assertThat(server.get("/v1/workloads").toString()).contains("9090");
        }
      }
    }
  }

  @Test
  void theFirstLineIsTheSnapshotOfNow() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");

    try (Stream stream = agent.watch("pay", 8080)) {
      Map<String, Object> message = stream.next();
      Snapshot snapshot = snapshot(message);
      assertThat(snapshot.version()).isEqualTo(message.get("version"));
      assertThat(snapshot.inbound().spiffeId())
          .isEqualTo("spiffe://cluster.local/ns/default/sa/pay");
      assertThat(snapshot.trustDomain()).isEqualTo("cluster.local");
      assertThat(snapshot.trustBundle()).hasSize(1);
      assertThat(snapshot.services().get(0).endpoints())
          .anySatisfy(
              endpoint -> {
                assertThat(endpoint.address()).isEqualTo("127.0.0.1");
                assertThat(endpoint.port()).isEqualTo(8080);
              });
    }
  }

  @Test
  void anEditReachesTheAgent() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");

    try (Stream stream = agent.watch("pay", 8080)) {
      assertThat(mode(stream.next())).isEqualTo("PERMISSIVE");
      server.write("strict.yaml", STRICT);
      assertThat(mode(stream.next())).isEqualTo("STRICT");
      Files.delete(server.policy().resolve("strict.yaml"));
      assertThat(mode(stream.next())).isEqualTo("PERMISSIVE");
    }
  }

  @Test
  void aBrokenDocumentKeepsItsLastGoodVersionAndStatusSaysSo() throws Exception {
    server.write("strict.yaml", STRICT);
    TestAgent agent = TestAgent.enrolled(server, "pay");

    try (Stream stream = agent.watch("pay", 8080)) {
      Map<String, Object> message = stream.next();
      message = mode(message).equals("STRICT") ? message : stream.next();
      server.write("strict.yaml", STRICT.replace("STRICT", "STRICTISH"));
      await().untilAsserted(() -> assertThat(server.status()).contains("STRICTISH"));
      assertThat(stream.silentFor(Duration.ofMillis(300))).isTrue();
      Map<?, ?> policy = (Map<?, ?>) server.get("/v1/status").get("policy");
      assertThat(policy.get("stale")).isEqualTo(1);
      assertThat(Json.text(policy)).contains("\"line\":5");

      server.write("strict.yaml", STRICT);
      await().untilAsserted(() -> assertThat(server.status()).doesNotContain("STRICTISH"));
    }
  }

  @Test
  void aRestartKeepsTheLastGoodVersionOfABrokenDocument() throws Exception {
    server.write("strict.yaml", STRICT);
    await().untilAsserted(() -> assertThat(server.status()).contains("\"documents\":1"));
    server.write("strict.yaml", "mode: [");
    await().untilAsserted(() -> assertThat(server.status()).contains("\"stale\":1"));
    server.close();
    server = TestServer.in(folder);

    try (Stream stream = TestAgent.enrolled(server, "pay").watch("pay", 8080)) {
      assertThat(mode(stream.next())).isEqualTo("STRICT");
    }
  }

  @Test
  void whoeverHoldsTheVersionHearsNothingUntilItChanges() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    String held;
    try (Stream stream = agent.watch("pay", 8080)) {
      held = String.valueOf(stream.next().get("version"));
      try (Stream again =
          agent.watch(agent.watchBody("pay", agent.instance(), held, List.of(8080)))) {
        assertThat(again.silentFor(Duration.ofMillis(500))).isTrue();
        assertThat(again.ended()).isFalse();
        server.write("strict.yaml", STRICT);
        assertThat(mode(again.next())).isEqualTo("STRICT");
      }
    }
  }

  @Test
  void onlyAgentsWhoseSnapshotChangesHearOfAChange() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent orders = TestAgent.enrolled(server, "orders");
    try (Stream atPay = pay.watch("pay");
        Stream atOrders = orders.watch("orders")) {
      atPay.next();
      atOrders.next();
      atPay.next(); // of orders, which joined later
      server.write(
          "pay.yaml", STRICT.replace("spec:", "spec:\n  selector: {matchLabels: {app: pay}}"));

      assertThat(mode(atPay.next())).isEqualTo("STRICT");
      assertThat(atOrders.silentFor(Duration.ofMillis(300))).isTrue();
    }
  }

  @Test
  void anAgentsPortsReachTheOthers() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent orders = TestAgent.enrolled(server, "orders");
    try (Stream atOrders = orders.watch("orders");
        Stream atPay = pay.watch("pay")) {
      atOrders.next();
      atPay.next();
      assertThat(pay.report(Map.of("listening", List.of(9090))).status()).isEqualTo(200);

      atOrders.next(message -> Json.text(message).contains("\"port\":9090"));
    }
  }

  @Test
  void aWorkloadThatClosesItsStreamIsGoneAtOnce() throws Exception {
    Stream stream = TestAgent.enrolled(server, "pay").watch("pay", 8080);
    stream.next();
    assertThat(server.get("/v1/workloads").toString()).contains("pay-");

    stream.close();

    await()
        .atMost(Duration.ofMillis(900)) // sooner than the lease
        .untilAsserted(
            () -> assertThat(server.get("/v1/workloads").toString()).doesNotContain("pay-"));
  }

  @Test
  void aStreamThatTheServerEndsLeavesALease() throws Exception {
    try (Stream stream = TestAgent.enrolled(server, "pay").watch("pay", 8080)) {
      stream.next();
      server.clock().advance(Duration.ofHours(25)); // its certificate ends
      await().until(stream::ended);

      assertThat(server.log()).anyMatch(line -> line.contains("lost its stream"));
      await()
          .untilAsserted(
              () -> assertThat(server.get("/v1/workloads").toString()).doesNotContain("pay-"));
      assertThat(server.log()).anyMatch(line -> line.contains("lease expired"));
    }
  }

  @Test
  void aReportWithARenewedCertificateKeepsTheStreamAlive() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    try (Stream stream = agent.watch("pay", 8080)) {
      stream.next();
      server.clock().advance(Duration.ofHours(20));
      var key = TestAgent.ecKey("secp256r1");
      Reply renewed = agent.post("/v1/renew", Map.of("csr", TestAgent.csr(key)));
      TestAgent again = TestAgent.with(server, key, renewed);
      assertThat(
              again
                  .post(
                      "/v1/report",
                      Map.of("instance", agent.instance().toString(), "listening", List.of(8080)))
                  .status())
          .isEqualTo(200);
      server.clock().advance(Duration.ofHours(10));

      server.write("strict.yaml", STRICT);
      assertThat(mode(stream.next())).isEqualTo("STRICT");
    }
  }

  @Test
  void acksAndNacksAreVisible() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    try (Stream stream = agent.watch("pay", 8080)) {
      String version = String.valueOf(stream.next().get("version"));
      agent.report(
          Map.of(
              "nacked", Map.of("version", version, "reason", "no such cipher"),
              "listening", List.of(8080),
              "status", Map.of("hooksOff", List.of("tomcat"))));
      assertThat(server.status())
          .contains("no such cipher")
          .contains("\"refuses\":true")
          .contains("tomcat");
      assertThat(server.log()).anyMatch(line -> line.contains("no such cipher"));

      agent.report(Map.of("acked", version, "listening", List.of(8080)));
      assertThat(server.status()).contains("\"inSync\":true").contains("\"refuses\":false");
    }
  }

  @Test
  void theStatusCommandShowsWhatBypassesTheMesh() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    try (Stream stream = agent.watch("pay", 8080)) {
      stream.next();
      agent.report(
          Map.of(
              "listening", List.of(8080),
              "status", Map.of("bypasses", List.of("Netty epoll (EpollSocketChannel)"))));
      String[] command = {"status", "--state", server.state().toString()};
      StringWriter out = new StringWriter();

      WeftCommand.commandLine(command).setOut(new PrintWriter(out)).execute(command);

      assertThat(out.toString()).contains("bypasses the mesh: Netty epoll (EpollSocketChannel)");
    }
  }

  @Test
  void theStatusCommandShowsWhyAHookIsOff() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    try (Stream stream = agent.watch("pay", 8080)) {
      stream.next();
      agent.report(
          Map.of(
              "listening", List.of(8080),
              "status",
                  Map.of("hooksOff", Map.of("okhttp", "okhttp-4.4.0.jar: no method a.B.c()"))));
      String[] command = {"status", "--state", server.state().toString()};
      StringWriter out = new StringWriter();

      WeftCommand.commandLine(command).setOut(new PrintWriter(out)).execute(command);

      assertThat(out.toString())
          .contains("has hook okhttp off: okhttp-4.4.0.jar: no method a.B.c()");
    }
  }

  @Test
  void nobodyWatchesWithoutACertificate() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");

    Reply reply =
        TestAgent.post(
            server,
            server.client(),
            "/v1/watch",
            agent.watchBody("pay", UUID.randomUUID(), "", List.of()));

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.code()).isEqualTo("no-certificate");
  }

  @Test
  void anInstanceBelongsToWhoRegisteredIt() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent thief = TestAgent.enrolled(server, "thief");
    try (Stream stream = pay.watch("pay", 8080)) {
      stream.next();

      assertThatThrownBy(() -> thief.watch(thief.watchBody("thief", pay.instance(), "", List.of())))
          .hasMessageContaining("instance-taken");
      Reply report =
          thief.post(
              "/v1/report", Map.of("instance", pay.instance().toString(), "listening", List.of(1)));
      assertThat(report.status()).isEqualTo(409);
      assertThat(server.get("/v1/workloads").toString()).contains("8080");
    }
  }

  @Test
  void anAddressAndPortBelongToTheIdentityThatCameFirst() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent thief = TestAgent.enrolled(server, "thief");
    try (Stream atPay = pay.watch("pay", 8080)) {
      atPay.next();
      try (Stream atThief = thief.watch("thief", 8080, 9090)) {
        Snapshot seen = snapshot(atThief.next());

        assertThat(seen.services())
            .flatExtracting(dev.weft.policy.Service::endpoints)
            .filteredOn(endpoint -> endpoint.port() == 8080)
            .isNotEmpty()
            .allMatch(endpoint -> endpoint.spiffeId().endsWith("/sa/pay"));
        assertThat(Json.text(Trees.toTree(seen))).contains("\"port\":9090");
        assertThat(server.status()).contains("WEFT036", "sa/thief claims 127.0.0.1 port 8080");
      }
    }
  }

  @Test
  void workloadsOfOneIdentityMayShareAnAddressAndPort() throws Exception {
    String token = server.token("pay", 2);
    try (Stream first = TestAgent.enrolledWith(server, token).watch("pay", 8080);
        Stream second = TestAgent.enrolledWith(server, token).watch("pay", 8080)) {
      first.next();
      second.next();
      assertThat(server.status()).doesNotContain("WEFT036");
    }
  }

  @Test
  void anAddressThatIsNotTheConnectionsIsTakenAndLoggedOnce() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = pay.watchBody("pay", pay.instance(), "", List.of(8080));
    @SuppressWarnings("unchecked")
    Map<String, Object> workload = (Map<String, Object>) body.get("workload");
    workload.put("address", "10.1.2.3");

    try (Stream first = pay.watch(body);
        Stream again = pay.watch(body)) {
      again.next();
      assertThat(server.get("/v1/workloads").toString()).contains("10.1.2.3");
      assertThat(server.log())
          .filteredOn(line -> line.contains("claims another address"))
          .singleElement()
          .asString()
          .contains("10.1.2.3", "127.0.0.1");
    }
  }

  @Test
  void namespaceAndAccountComeFromTheCertificate() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = agent.watchBody("pay", agent.instance(), "", List.of());
    @SuppressWarnings("unchecked")
    Map<String, Object> workload = (Map<String, Object>) body.get("workload");
    workload.put("namespace", "prod");
    workload.put("serviceAccount", "boss");

    try (Stream stream = agent.watch(body)) {
      Snapshot snapshot = snapshot(stream.next());
      assertThat(snapshot.inbound().namespace()).isEqualTo("default");
      assertThat(snapshot.inbound().spiffeId()).endsWith("/sa/pay");
    }
  }

  @Test
  void anotherProtocolIsRefused() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = agent.watchBody("pay", agent.instance(), "", List.of());
    body.put("protocol", 3);

    Reply reply = agent.post("/v1/watch", body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.code()).isEqualTo("protocol-version");
  }

  @Test
  void reportsOfStrangersAreRefused() throws Exception {
    Reply reply = TestAgent.enrolled(server, "pay").report(Map.of());

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.code()).isEqualTo("unknown-instance");
  }
}
