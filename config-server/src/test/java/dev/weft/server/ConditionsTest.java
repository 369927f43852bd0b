package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.server.TestAgent.Stream;
import dev.weft.server.cli.WeftCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What operators learn about documents: where they are in force, and when all of them are. */
class ConditionsTest {
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: r}
      spec:
        parentRefs: [{group: "", kind: Service, name: pay}]
        rules: [{backendRefs: [{name: %s, port: 80}]}]
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: of-pay}
      spec: {selector: {matchLabels: {app: pay}}, mtls: {mode: STRICT}}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: pay}
      """;

  @TempDir Path folder;
  private TestServer server;
  private TestAgent pay;
  private TestAgent orders;
  private Stream atPay;
  private Stream atOrders;

  private record Run(int exit, String out, String err) {}

  @BeforeEach
  void start() throws Exception {
    server = TestServer.in(folder, TestServer.QUICK, Duration.ofSeconds(5));
    pay = TestAgent.enrolled(server, "pay");
    orders = TestAgent.enrolled(server, "orders");
    atPay = pay.watch(version2(pay, "pay"));
    atOrders = orders.watch(version2(orders, "orders"));
    atPay.next();
    atOrders.next();
    await().untilAsserted(() -> assertThat(server.status()).contains("\"id\":\"orders-"));
  }

  @AfterEach
  void stop() throws IOException {
    atPay.close();
    atOrders.close();
    server.close();
  }

  private static Map<String, Object> version2(TestAgent agent, String service) {
    Map<String, Object> body =
        agent.watchBody(service, agent.instance(), "", List.of(service.equals("pay") ? 80 : 81));
    body.put("protocol", 2);
    return body;
  }

  private Run run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    CommandLine line = WeftCommand.commandLine(texts);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return new Run(line.execute(texts), out.toString(), err.toString());
  }

  private Run waiting(String timeout) {
    return run("status", "--state", server.state(), "--wait", "--timeout", timeout);
  }

  /** The version that an agent should have by now. */
  private String offered(String service) throws Exception {
    for (Object each : (List<?>) server.get("/v1/status").get("agents")) {
      Map<?, ?> agent = (Map<?, ?>) each;
      if (agent.get("service").equals(service)) {
        return String.valueOf(agent.get("version"));
      }
    }
    throw new AssertionError("no agent " + service);
  }

  private void acknowledge(TestAgent agent, String service) throws Exception {
    agent.report(
        Map.of("acked", offered(service), "listening", List.of(service.equals("pay") ? 80 : 81)));
  }

  private String condition(String kind, String type) throws Exception {
    for (Object each : (List<?>) server.get("/v1/policies").get("documents")) {
      Map<?, ?> document = (Map<?, ?>) each;
      for (Object one : (List<?>) document.get("conditions")) {
        Map<?, ?> condition = (Map<?, ?>) one;
        if (document.get("kind").equals(kind) && condition.get("type").equals(type)) {
          return condition.get("status") + " " + condition.get("message");
        }
      }
    }
    return "none";
  }

  @Test
  void programmedCountsTheAgentsThatADocumentConcerns() throws Exception {
    server.write("route.yaml", ROUTE.formatted("pay"));

    await()
        .untilAsserted(
            () ->
                assertThat(condition("HTTPRoute", "Programmed"))
                    .isEqualTo("False 0 of 2 agents acknowledged it"));
    assertThat(condition("PeerAuthentication", "Programmed"))
        .isEqualTo("False 0 of 1 agents acknowledged it");
    acknowledge(pay, "pay");
    assertThat(condition("HTTPRoute", "Programmed"))
        .isEqualTo("False 1 of 2 agents acknowledged it");
    assertThat(condition("PeerAuthentication", "Programmed"))
        .isEqualTo("True 1 of 1 agents acknowledged it");
    acknowledge(orders, "orders");
    assertThat(condition("HTTPRoute", "Programmed")).startsWith("True 2 of 2");
    assertThat(condition("ServiceAccount", "Programmed")).isEqualTo("True concerns no agent");
  }

  @Test
  void aDeadReferenceIsAConditionOfItsDocumentAlone() throws Exception {
    server.write("route.yaml", ROUTE.formatted("gone"));

    await()
        .untilAsserted(
            () ->
                assertThat(condition("HTTPRoute", "ResolvedRefs"))
                    .isEqualTo("False Service default/gone does not exist; its requests get 500"));
    assertThat(condition("HTTPRoute", "Accepted")).startsWith("True");
    assertThat(condition("PeerAuthentication", "ResolvedRefs")).startsWith("True");
    Run status = run("status", "--state", server.state());
    assertThat(status.out())
        .contains("1 of 3 documents are in force wherever they count")
        .contains("HTTPRoute default/r: Service default/gone does not exist");
  }

  @Test
  void waitEndsOnceEveryAgentHasWhatIsOnDisk() throws Exception {
    acknowledge(pay, "pay");
    acknowledge(orders, "orders");
    assertThat(waiting("10s").exit()).isZero();

    // Nobody has read the file when the command begins: the state before it must not count.
    Files.writeString(server.policy().resolve("route.yaml"), ROUTE.formatted("pay"));
    CompletableFuture<Run> run = CompletableFuture.supplyAsync(() -> waiting("20s"));
    await().until(() -> !condition("HTTPRoute", "Programmed").equals("none"));
    acknowledge(pay, "pay");
    await().pollDelay(Duration.ofMillis(300)).until(() -> !run.isDone());
    acknowledge(orders, "orders");

    Run done = run.get(20, TimeUnit.SECONDS);
    assertThat(done.exit()).as(done.out() + done.err()).isZero();
    assertThat(done.out()).contains("generation 2 is in force at all 2 agents");
  }

  @Test
  void waitSaysWhomItWaitedForInVain() throws Exception {
    server.write("route.yaml", ROUTE.formatted("pay"));
    await().until(() -> !condition("HTTPRoute", "Programmed").equals("none"));
    acknowledge(pay, "pay");

    Run run = waiting("500ms");

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("generation 2 is not in force everywhere: no word from orders-");
  }

  @Test
  void waitDoesNotWaitForWhoIsKnownFromBeforeARestartOnly() throws Exception {
    server.close();
    server = TestServer.in(folder, TestServer.QUICK, Duration.ofSeconds(60));
    server.write("route.yaml", ROUTE.formatted("pay"));
    Run nobody = waiting("300ms");
    assertThat(nobody.exit()).isEqualTo(1);
    assertThat(nobody.out())
        .contains("is in force, at 0 agents; expected 1; 2 workloads are not connected");

    try (Stream back = pay.on(server).watch(version2(pay, "pay"))) {
      back.next();
      await()
          .untilAsserted(
              () ->
                  assertThat(condition("HTTPRoute", "Programmed"))
                      .isEqualTo("False 0 of 1 agents acknowledged it"));
      acknowledge(pay.on(server), "pay");

      Run run = waiting("20s");

      assertThat(run.exit()).as(run.out() + run.err()).isZero();
      assertThat(run.out())
          .contains("is in force at all 1 agents; 1 workload is not connected, and not waited for");
      assertThat(condition("HTTPRoute", "Programmed")).startsWith("True 1 of 1");
    }
  }

  @Test
  void waitDoesNotWaitForWhatCannotBe() throws Exception {
    server.write("route.yaml", ROUTE.formatted("pay").replace("STRICT", "STRICTISH"));
    Run refused = waiting("60s");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.out()).contains("not in force: 1 documents are refused");

    server.write("route.yaml", ROUTE.formatted("pay"));
    acknowledgeWhenOffered();
    pay.report(
        Map.of(
            "acked", "",
            "nacked", Map.of("version", offered("pay"), "reason", "not RE2: ["),
            "listening", List.of(80)));
    Run nacked = waiting("60s");
    assertThat(nacked.exit()).isEqualTo(1);
    assertThat(nacked.out()).contains("is not in force everywhere: pay-", "refuses it: not RE2: [");
  }

  private void acknowledgeWhenOffered() throws Exception {
    await()
        .untilAsserted(
            () ->
                assertThat(condition("PeerAuthentication", "Programmed"))
                    .isEqualTo("False 0 of 1 agents acknowledged it"));
    acknowledge(orders, "orders");
  }
}
