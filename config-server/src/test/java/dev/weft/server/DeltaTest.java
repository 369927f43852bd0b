package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.part.HeldParts;
import dev.weft.server.TestAgent.Reply;
import dev.weft.server.TestAgent.Stream;
import dev.weft.server.enroll.JoinTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What agents of protocol 2 hear: parts, and what changed of them. */
class DeltaTest {
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: r}
      spec:
        parentRefs: [{group: "", kind: Service, name: pay}]
        rules: [{backendRefs: [{name: pay, port: 80}]}]
      """;

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

  /** The agent's half: parts as they come, and what the next watch says about them. */
  private static final class Parts {
    HeldParts held = HeldParts.NONE;
    Map<?, ?> last = Map.of();

    Snapshot take(Map<String, Object> message) throws HeldParts.MismatchException {
      assertThat(message).containsEntry("type", "delta");
      last = (Map<?, ?>) message.get("parts");
      held =
          held.with(
              String.valueOf(message.get("base")),
              String.valueOf(message.get("version")),
              last,
              (List<?>) message.get("removed"));
      return held.snapshot();
    }

    Map<String, Object> watch(TestAgent agent, String service, Integer... listening) {
      Map<String, Object> body =
          agent.watchBody(service, agent.instance(), held.version(), List.of(listening));
      body.put("protocol", 2);
      body.put("held", held.hashes());
      return body;
    }
  }

  private TestAgent enrolled(String namespace, String service) throws Exception {
    String token =
        server
            .tokens()
            .create(
                new JoinTokens.Order(service, namespace, service, Map.of(), Duration.ofHours(1), 1),
                dev.weft.server.authority.CertificateAuthority.pin(server.root()))
            .text();
    return TestAgent.enrolledWith(server, token);
  }

  @Test
  void theFirstChangeStartsFromNothingAndMakesTheSnapshot() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Parts parts = new Parts();

    try (Stream stream = agent.watch(parts.watch(agent, "pay", 8080))) {
      Map<String, Object> message = stream.next();
      Snapshot snapshot = parts.take(message);

      assertThat(message).containsEntry("base", "");
      assertThat(snapshot.inbound().spiffeId())
          .isEqualTo("spiffe://cluster.local/ns/default/sa/pay");
      assertThat(snapshot.trustBundle()).hasSize(1);
      assertThat(snapshot.services()).extracting(Service::key).containsExactly("default/pay");
      assertThat(snapshot.services().get(0).endpoints()).isNotEmpty();
    }
  }

  @Test
  void aChangeCarriesOnlyTheServiceThatChanged() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent orders = TestAgent.enrolled(server, "orders");
    Parts parts = new Parts();
    try (Stream atOrders = orders.watch("orders", 9090);
        Stream stream = pay.watch(parts.watch(pay, "pay", 8080))) {
      parts.take(stream.next());
      server.write("route.yaml", ROUTE);

      Map<String, Object> message = stream.next();
      Snapshot snapshot = parts.take(message);

      assertThat(parts.last.keySet()).hasToString("[service/default/pay]");
      assertThat(snapshot.services())
          .filteredOn(service -> service.name().equals("pay"))
          .singleElement()
          .satisfies(service -> assertThat(service.routes()).hasSize(1));
      assertThat(((Number) message.get("generation")).longValue()).isEqualTo(2);
    }
  }

  @Test
  void aRestartedServerWithTheSameDocumentsSendsNotAByte() throws Exception {
    server.write("route.yaml", ROUTE);
    List<TestAgent> agents =
        List.of(TestAgent.enrolled(server, "pay"), TestAgent.enrolled(server, "orders"));
    List<String> services = List.of("pay", "orders");
    List<Parts> parts = List.of(new Parts(), new Parts());
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      TestAgent agent = agents.get(i);
      streams.add(agent.watch(parts.get(i).watch(agent, services.get(i), 8080 + i)));
    }
    for (int i = 0; i < 2; i++) {
      do { // until both services, and the route, are there
        parts.get(i).take(streams.get(i).next());
      } while (!settled(parts.get(i).held.snapshot()));
    }
    server.close();
    server = TestServer.in(folder, TestServer.QUICK, Duration.ofSeconds(60));

    List<Stream> again = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      TestAgent agent = agents.get(i);
      again.add(agent.on(server).watch(parts.get(i).watch(agent, services.get(i), 8080 + i)));
    }
    await()
        .untilAsserted(
            () ->
                assertThat((List<?>) server.get("/v1/status").get("agents"))
                    .hasSize(2)
                    .allSatisfy(
                        agent ->
                            assertThat((Map<?, ?>) agent)
                                .extracting("connected", "inSync")
                                .containsExactly(true, true)));
    assertThat(again.get(0).silentFor(Duration.ofMillis(300))).isTrue();
    assertThat(server.metric("weft_server_push_bytes_total")).isZero();

    server.write("strict.yaml", STRICT); // and what is new comes as a change of what they have
    for (int i = 0; i < 2; i++) {
      parts.get(i).take(again.get(i).next());
      assertThat(parts.get(i).last.keySet()).hasToString("[workload]");
      again.get(i).close();
      streams.get(i).close();
    }
    assertThat(server.metric("weft_server_snapshots_whole_total")).isZero();
  }

  private static boolean settled(Snapshot snapshot) {
    return snapshot.services().size() == 2
        && snapshot.services().stream()
            .allMatch(
                service ->
                    !service.endpoints().isEmpty()
                        && service.routes().isEmpty() == service.name().equals("orders"));
  }

  @Test
  void aStreamThatBeginsAnewWithTheSamePartsIsSentNothing() throws Exception {
    server.write("route.yaml", ROUTE);
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Parts parts = new Parts();
    try (Stream stream = agent.watch(parts.watch(agent, "pay", 8080))) {
      parts.take(stream.next());
      try (Stream again = agent.watch(parts.watch(agent, "pay", 8080))) {
        assertThat(again.silentFor(Duration.ofMillis(500))).isTrue();
        await().untilAsserted(() -> assertThat(server.status()).contains("\"inSync\":true"));

        server.write("strict.yaml", STRICT);
        parts.take(again.next());
        assertThat(parts.last.keySet()).hasToString("[workload]");
      }
    }
  }

  @Test
  void whoHasOldPartsGetsTheDifferenceOnly() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Parts parts = new Parts();
    try (Stream stream = agent.watch(parts.watch(agent, "pay", 8080))) {
      parts.take(stream.next());
      server.write("strict.yaml", STRICT);
      parts.take(stream.next());
      Parts old = new Parts();
      old.held = parts.held;
      Files.delete(server.policy().resolve("strict.yaml"));
      parts.take(stream.next());

      try (Stream again = agent.watch(old.watch(agent, "pay", 8080))) {
        old.take(again.next());
        assertThat(old.last.keySet()).hasToString("[workload]");
        assertThat(old.held.version()).isEqualTo(parts.held.version());
      }
    }
  }

  @Test
  void whoLostItsWayGetsEverythingAgain() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Parts parts = new Parts();
    try (Stream stream = agent.watch(parts.watch(agent, "pay", 8080))) {
      String version = parts.take(stream.next()).version();
      agent.report(
          Map.of(
              "nacked", Map.of("version", version, "reason", "its parts make another"),
              "resync", true,
              "listening", List.of(8080)));

      Map<String, Object> message = stream.next();
      assertThat(message).containsEntry("base", "").containsEntry("version", version);
      assertThat(server.log()).anyMatch(line -> line.contains("asks for everything again"));
    }
  }

  @Test
  void aServiceOfAnotherNamespaceComesWhenItIsAskedFor() throws Exception {
    TestAgent stock = enrolled("shop", "stock");
    TestAgent pay = TestAgent.enrolled(server, "pay");
    Parts parts = new Parts();
    try (Stream atStock = stock.watch("stock", 9090);
        Stream stream = pay.watch(parts.watch(pay, "pay", 8080))) {
      Snapshot before = parts.take(stream.next());
      assertThat(before.services()).extracting(Service::key).containsExactly("default/pay");
      assertThat(before.directory()).extracting(DirectoryEntry::key).containsExactly("shop/stock");

      Reply reply =
          pay.post(
              "/v1/want",
              Map.of("instance", pay.instance().toString(), "services", List.of("shop/stock")));
      assertThat(reply.status()).isEqualTo(200);
      Snapshot after = parts.take(stream.next());

      assertThat(parts.last.keySet()).hasToString("[wanted/shop/stock]");
      assertThat(after.services())
          .extracting(Service::key)
          .containsExactly("default/pay", "shop/stock");
      assertThat(after.directory()).isEmpty();

      Parts fresh = new Parts();
      Map<String, Object> watch = fresh.watch(pay, "pay", 8080);
      watch.put("want", List.of("shop/stock"));
      try (Stream again = pay.watch(watch)) {
        assertThat(fresh.take(again.next()).services()).hasSize(2);
      }
    }
  }

  private static final String SHARED =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: pay}
      spec: {selector: {app: pay}, ports: [{port: 80, targetPort: 8080}]}
      ---
      apiVersion: weft.dev/v1alpha1
      kind: RateLimitPolicy
      metadata: {name: pay}
      spec:
        targetRefs: [{kind: Service, name: pay}]
        requests: [{side: Client, requests: 10, scope: Mesh}]
      """;

  private static final String NETWORKS =
      """
      apiVersion: weft.dev/v1alpha1
      kind: MeshConfig
      metadata: {name: mesh}
      spec: {mtls: {meshNetworks: [10.0.0.0/8]}}
      """;

  @Test
  void instancesHearHowManyOfThemShareALimitAndNobodyElseDoes() throws Exception {
    server.write("limits.yaml", SHARED);
    TestAgent stock = enrolled("shop", "stock");
    TestAgent first = TestAgent.enrolled(server, "web");
    TestAgent second = TestAgent.enrolled(server, "web");
    Parts atStock = new Parts();
    Parts atFirst = new Parts();
    try (Stream ofStock = stock.watch(atStock.watch(stock, "stock"));
        Stream ofFirst = first.watch(atFirst.watch(first, "web"))) {
      assertThat(atStock.take(ofStock.next()).instances()).isEmpty();
      Snapshot alone = atFirst.take(ofFirst.next());
      assertThat(alone.instances()).contains(1);

      Parts atSecond = new Parts();
      try (Stream ofSecond = second.watch(atSecond.watch(second, "web"))) {
        assertThat(atSecond.take(ofSecond.next()).instances()).contains(2);
        until(2, atFirst, ofFirst);
      }
      until(1, atFirst, ofFirst);

      assertThat(atFirst.last.keySet()).asString().contains("workload/instances");
      server.write("mesh.yaml", NETWORKS);
      do { // until what everybody hears of: everything of before has come by then
        assertThat(atStock.take(ofStock.next()).instances()).isEmpty();
        assertThat(atStock.last.keySet()).noneMatch(key -> key.toString().startsWith("workload"));
      } while (!atStock.last.containsKey("mesh"));
    }
  }

  private static void until(int instances, Parts parts, Stream stream) throws Exception {
    Snapshot now = parts.held.snapshot();
    while (!now.instances().equals(Optional.of(instances))) {
      now = parts.take(stream.next());
    }
  }

  @Test
  void nobodyAsksForMoreThanAThousandServices() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    Parts parts = new Parts();
    try (Stream stream = pay.watch(parts.watch(pay, "pay"))) {
      parts.take(stream.next());
      List<String> many =
          java.util.stream.IntStream.range(0, 1001).mapToObj(i -> "shop/s" + i).toList();
      String instance = pay.instance().toString();

      assertThat(pay.post("/v1/want", Map.of("instance", instance, "services", many)).code())
          .isEqualTo("too-many-wants");
      assertThat(
              pay.post("/v1/want", Map.of("instance", instance, "services", many.subList(0, 1000)))
                  .status())
          .isEqualTo(200);
      assertThat(
              TestAgent.enrolled(server, "thief")
                  .post("/v1/want", Map.of("instance", instance, "services", List.of()))
                  .code())
          .isEqualTo("instance-taken");
    }
  }

  @Test
  void garbageAsHashesIsRefused() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = new Parts().watch(pay, "pay");
    body.put("held", "AAAA");

    Reply reply = pay.post("/v1/watch", body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.message()).contains("held");
    body.put("held", "");
    body.put("protocol", 3);
    assertThat(pay.post("/v1/watch", body).message())
        .contains("This server speaks protocol 1 and 2, the agent asks for 3.");
  }
}
