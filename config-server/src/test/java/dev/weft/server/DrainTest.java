package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Locality;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.Unready;
import dev.weft.policy.tree.Trees;
import dev.weft.server.TestAgent.Reply;
import dev.weft.server.TestAgent.Stream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a workload says of itself, whether it takes requests among it, and who hears of that. */
class DrainTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: churn-%s}
      spec: {ports: [{port: 80}]}
      """;

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

  private static Service pay(Map<String, Object> message) {
    return Trees.fromTree((Map<?, ?>) message.get("snapshot"), Snapshot.class).services().stream()
        .filter(service -> service.name().equals("pay"))
        .findFirst()
        .orElseThrow();
  }

  private static boolean ready(Map<String, Object> message) {
    return pay(message).endpoints().stream().allMatch(Endpoint::ready);
  }

  private static String workloads(Map<String, Object> message) {
    return String.valueOf(((Map<?, ?>) message.get("snapshot")).get("workloads"));
  }

  private static Reply drain(TestAgent by, TestAgent whom) throws Exception {
    return by.post("/v1/drain", Map.of("instance", whom.instance().toString()));
  }

  private static Map<String, Object> acked(Map<String, Object> message, Integer... listening) {
    return Map.of("acked", message.get("version"), "listening", List.of(listening));
  }

  @Test
  void theServerSaysWhenEverybodyKnowsThatAWorkloadDrains() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent web = TestAgent.enrolled(server, "web");
    try (Stream pays = pay.watch("pay", 8080);
        Stream webs = web.watch("web")) {
      Map<String, Object> before = webs.next(DrainTest::ready);
      web.report(acked(before));
      pay.report(acked(pays.next(DrainTest::ready), 8080));

      assertThat(drain(pay, pay).body()).isEqualTo(Map.of("waitingFor", 2));
      Map<String, Object> after = webs.next(message -> !ready(message));
      assertThat(pay(after).endpoints())
          .allSatisfy(endpoint -> assertThat(endpoint.unready()).contains(Unready.DRAINING))
          .allSatisfy(endpoint -> assertThat(endpoint.mesh()).isTrue());
      pay.report(acked(pays.next(message -> !ready(message)), 8080));
      assertThat(drain(pay, pay).body()).isEqualTo(Map.of("waitingFor", 1));
      web.report(acked(after));
      assertThat(drain(pay, pay).body()).isEqualTo(Map.of("waitingFor", 0));
    }
  }

  @Test
  void whoRefusesOrIsGoneIsNotWaitedFor() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent web = TestAgent.enrolled(server, "web");
    TestAgent gone = TestAgent.enrolled(server, "gone");
    try (Stream pays = pay.watch("pay", 8080);
        Stream webs = web.watch("web")) {
      Stream gones = gone.watch("gone");
      for (Stream stream : List.of(pays, webs, gones)) {
        stream.next(); // all of them run something of before
      }
      drain(pay, pay);
      assertThat(drain(pay, pay).body()).isEqualTo(Map.of("waitingFor", 3));
      gones.close();
      await().untilAsserted(() -> assertThat(server.status()).doesNotContain("gone-"));

      Map<String, Object> last =
          webs.next(message -> !ready(message) && !workloads(message).contains("sa/gone"));
      web.report(Map.of("nacked", Map.of("version", last.get("version"), "reason", "no")));
      pay.report(
          acked(
              pays.next(message -> !ready(message) && !workloads(message).contains("sa/gone")),
              8080));
      assertThat(drain(pay, pay).body()).isEqualTo(Map.of("waitingFor", 0));
    }
  }

  /** Acknowledges each version once the next one has come, and so never what it should run. */
  private final class Laggard implements AutoCloseable {
    private final Stream stream;
    private final Thread reader;

    Laggard(TestAgent agent, Stream stream, Integer... listening) {
      this.stream = stream;
      this.reader =
          new Thread(
              () -> {
                try {
                  Map<String, Object> before = stream.next();
                  while (true) {
                    Map<String, Object> next = stream.next();
                    agent.report(acked(before, listening));
                    before = next;
                  }
                } catch (Exception | AssertionError e) {
                  // The test is over.
                }
              },
              "test-laggard");
      reader.start();
    }

    @Override
    public void close() throws Exception {
      reader.interrupt();
      reader.join(10_000);
      stream.close();
    }
  }

  /** Changes what everybody is told, over and over. */
  private Thread churn() {
    Thread churn =
        new Thread(
            () -> {
              for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                try {
                  server.write("churn.yaml", SERVICE.formatted(i));
                  Thread.sleep(20);
                } catch (IOException | InterruptedException e) {
                  return; // the test is over
                }
              }
            },
            "test-churn");
    churn.start();
    return churn;
  }

  private static int waitingFor(TestAgent draining) throws Exception {
    return ((Number) drain(draining, draining).body().get("waitingFor")).intValue();
  }

  @Test
  void whileEverythingElseChangesADrainWaitsForItsOwnNewsOnly() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent web = TestAgent.enrolled(server, "web");
    Stream pays = pay.watch("pay", 8080);
    Stream webs = web.watch("web");
    pays.next(DrainTest::ready);
    webs.next(DrainTest::ready);
    Thread churn = churn();
    try (Laggard first = new Laggard(pay, pays, 8080);
        Laggard second = new Laggard(web, webs)) {
      await().until(() -> server.metric("weft_server_policy_generation") > 5);

      await().until(() -> waitingFor(pay) == 0);

      for (Object agent : (List<?>) server.get("/v1/status").get("agents")) {
        assertThat(((Map<?, ?>) agent).get("inSync")).isEqualTo(false); // they never are
      }
    } finally {
      churn.interrupt();
      churn.join(10_000);
    }
  }

  @Test
  void whoSaysNothingIsWaitedForHoweverMuchChanges() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent web = TestAgent.enrolled(server, "web");
    Stream pays = pay.watch("pay", 8080);
    try (Stream webs = web.watch("web")) {
      pays.next(DrainTest::ready);
      webs.next(DrainTest::ready);
      Thread churn = churn();
      try (Laggard first = new Laggard(pay, pays, 8080)) {
        await().until(() -> waitingFor(pay) == 1);
        webs.next(message -> String.valueOf(message).contains("churn-9"));
        assertThat(waitingFor(pay)).isEqualTo(1);
        web.report(acked(webs.next(message -> !ready(message))));
        await().until(() -> waitingFor(pay) == 0);
      } finally {
        churn.interrupt();
        churn.join(10_000);
      }
    }
  }

  @Test
  void whoDrainsIsNeverReadyAgain() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent web = TestAgent.enrolled(server, "web");
    try (Stream pays = pay.watch("pay", 8080);
        Stream webs = web.watch("web")) {
      pays.next();
      drain(pay, pay);
      webs.next(message -> !ready(message));

      // A report that was on its way, and a stream that takes over.
      pay.report(Map.of("readiness", "ready", "listening", List.of(8080, 9090)));
      Map<String, Object> after = webs.next(message -> pay(message).ports().size() == 2);
      assertThat(pay(after).endpoints()).noneMatch(Endpoint::ready);
      try (Stream again = pay.watch("pay", 8080)) {
        assertThat(pay(again.next()).endpoints()).isNotEmpty().noneMatch(Endpoint::ready);
      }
    }
  }

  @Test
  void nobodyDrainsAnotherIdentity() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent thief = TestAgent.enrolled(server, "thief");
    try (Stream pays = pay.watch("pay", 8080)) {
      pays.next();

      assertThat(drain(thief, pay).code()).isEqualTo("instance-taken");
      assertThat(drain(thief, thief).code()).isEqualTo("unknown-instance");
      assertThat(server.status()).contains("\"ready\":true").doesNotContain("\"ready\":false");
      drain(pay, pay); // its own identity may
      assertThat(server.status()).contains("\"ready\":false");
    }
  }

  @Test
  void aWorkloadThatFailsIsNotReadyUntilItSaysOtherwise() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent web = TestAgent.enrolled(server, "web");
    Map<String, Object> failing = pay.watchBody("pay", pay.instance(), "", List.of(8080));
    failing.put("readiness", "failing");
    try (Stream webs = web.watch("web");
        Stream pays = pay.watch(failing)) {
      assertThat(pay(pays.next()).endpoints())
          .isNotEmpty()
          .allSatisfy(endpoint -> assertThat(endpoint.unready()).contains(Unready.FAILING));

      pay.report(Map.of("listening", List.of(8080))); // no word of it: ready, as of old agents
      assertThat(pays.next(DrainTest::ready)).isNotNull();
      pay.report(Map.of("listening", List.of(8080), "readiness", "failing"));
      assertThat(pays.next(message -> !ready(message))).isNotNull();
      webs.next();
    }
  }

  @Test
  void whereAWorkloadRunsAndWhatItSpeaksReachesItsClients() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = pay.watchBody("pay", pay.instance(), "", List.of(8080));
    Map<String, Object> workload = new LinkedHashMap<>();
    ((Map<?, ?>) body.get("workload")).forEach((key, value) -> workload.put("" + key, value));
    workload.put("labels", Map.of("topology.kubernetes.io/region", "us"));
    body.put("workload", workload);
    try (Stream pays = pay.watch(body)) {
      assertThat(pay(pays.next()).endpoints())
          .allSatisfy(
              endpoint -> assertThat(endpoint.locality()).contains(new Locality("us", "", "")));
    }
    workload.put("locality", "eu/eu-1/rack-7");
    workload.put("weight", 3);
    body.put("protocols", Map.of("8080", "http"));
    try (Stream pays = pay.watch(body)) {
      Service seen = pay(pays.next());
      assertThat(seen.endpoints())
          .allSatisfy(
              endpoint -> {
                assertThat(endpoint.locality()).contains(new Locality("eu", "eu-1", "rack-7"));
                assertThat(endpoint.weight()).contains(3);
              });
      assertThat(seen.ports()).allSatisfy(port -> assertThat(port.appProtocol()).isEqualTo("http"));
    }
    for (Map.Entry<String, Object> bad :
        Map.of("locality", (Object) "/eu-1", "weight", 0).entrySet()) {
      Map<String, Object> wrong = new LinkedHashMap<>(workload);
      wrong.put(bad.getKey(), bad.getValue());
      body.put("workload", wrong);
      Reply reply = pay.post("/v1/watch", body);
      assertThat(reply.code()).isEqualTo("bad-request");
      assertThat(reply.message()).contains("workload." + bad.getKey());
    }
  }
}
