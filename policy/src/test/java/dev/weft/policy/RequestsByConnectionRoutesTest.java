package dev.weft.policy;

import static dev.weft.policy.TestMesh.Request.get;
import static dev.weft.policy.TestMesh.dice;
import static dev.weft.policy.TestMesh.http;
import static dev.weft.policy.TestMesh.route;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weft.policy.Decision.Forward;
import dev.weft.policy.Decision.Reject;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests to ports that only routes of connections bind: they go where connections would. */
class RequestsByConnectionRoutesTest {
  private static final String TO_CANARY =
      route("TCPRoute", "", "name: raw\n    backendRefs: [{name: canary, port: 80}]");

  private static final String TO_CANARY_BY_NAME =
      route(
          "TLSRoute", "hostnames: [pay]", "name: raw\n    backendRefs: [{name: canary, port: 80}]");

  private static TestMesh mesh() {
    return new TestMesh()
        .workloads("pay", "canary")
        .workload("down", Map.of(), false, 8080)
        .documents(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: far}
            spec: {type: ExternalName, externalName: api.example.com}
            """);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "backendRefs: [{name: canary, port: 80}]                        | canary",
        "backendRefs: [{name: pay, port: 80}]                           | pay",
        "backendRefs: [{name: gone, port: 80}]                          | 500 NR",
        "backendRefs: [{name: canary, port: 81}]                        | 500 NR",
        "backendRefs: [{name: canary, port: 80, weight: 0}]             | 500 NR",
        "backendRefs: [{kind: ServiceImport, group: x, name: a, port: 80}] | 500 NR",
        "backendRefs: [{name: far, port: 80}]                           | 500 NR",
        "backendRefs: [{name: down, port: 80}]                          | 503 UH",
      })
  void aRequestIsTreatedAsTheTcpRouteSays(String rule, String outcome) {
    Router router = mesh().documents(route("TCPRoute", "", rule)).router();

    assertThat(outcome(router.decide(get("pay", "/a"), dice()))).isEqualTo(outcome);
    assertThat(outcome(router.connect("pay", 80, "pay", dice()))).isEqualTo(outcome);
  }

  @Test
  void sharesOfTheWeightAreThoseOfTheTcpRoute() {
    Router router =
        mesh()
            .documents(
                route(
                    "TCPRoute",
                    "",
                    "backendRefs: [{name: pay, port: 80, weight: 5}, {name: canary, port: 80,"
                        + " weight: 3}, {name: gone, port: 80, weight: 2}]"))
            .router();
    SplittableRandom dice = new SplittableRandom(7);
    int pay = 0;
    int canary = 0;
    for (int i = 0; i < 20_000; i++) {
      String outcome = outcome(router.decide(get("pay", "/"), dice));
      pay += outcome.equals("pay") ? 1 : 0;
      canary += outcome.equals("canary") ? 1 : 0;
    }

    // Five standard deviations of a binomial distribution.
    assertThat(pay).isCloseTo(10_000, within(354));
    assertThat(canary).isCloseTo(6_000, within(325));
  }

  @Test
  void aPortThatARouteOfRequestsBindsKeepsIt() {
    Router router =
        mesh()
            .documents(TO_CANARY)
            .documents(http("h", "none", "backendRefs: [{name: pay, port: 80}]"))
            .router();

    assertThat(outcome(router.decide(get("pay", "/"), dice()))).isEqualTo("pay");
  }

  @Test
  void aTlsRouteIsNoMatterOfRequests() {
    Router router = mesh().documents(TO_CANARY_BY_NAME).router();

    assertThat(router.decide(get("pay", "/"), dice()).rule()).isEqualTo("no-route");
    assertThat(outcome(router.connect("pay", 80, "pay", dice()))).isEqualTo("canary");
  }

  @Test
  void aTlsRouteTakesThePortFromATcpRouteForRequestsToo() {
    Router router = mesh().documents(TO_CANARY).documents(TO_CANARY_BY_NAME).router();

    assertThat(router.decide(get("pay", "/"), dice()).rule()).isEqualTo("no-route");
  }

  @Test
  void aConsumersTcpRouteGoesBeforeTheProducersHttpRoute() {
    String consumers =
        TO_CANARY
            .replace("name: r}", "name: r, namespace: shop}")
            .replace("name: pay}", "name: pay, namespace: default}")
            .replace("name: canary,", "name: canary, namespace: default,");
    TestMesh mesh =
        mesh()
            .documents(consumers)
            .documents(http("h", "none", "backendRefs: [{name: pay, port: 80}]"));

    assertThat(outcome(mesh.routerIn("shop").decide(get("pay.default", "/"), dice())))
        .isEqualTo("canary");
    assertThat(outcome(mesh.router().decide(get("pay", "/"), dice()))).isEqualTo("pay");
  }

  @ParameterizedTest(name = "for callers that are {0}: {1}")
  @CsvSource({"client, canary", "other, pay"})
  void aVirtualServiceChoosesByTheCaller(String caller, String backend) {
    Router router =
        mesh()
            .documents(
                """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: v}
                spec:
                  hosts: [pay]
                  tcp:
                  - match: [{sourceLabels: {app: %s}}]
                    route: [{destination: {host: canary, port: {number: 80}}}]
                """
                    .formatted(caller))
            .router();

    assertThat(outcome(router.decide(get("pay", "/"), dice()))).isEqualTo(backend);
    assertThat(outcome(router.connect("pay", 80, "pay", dice()))).isEqualTo(backend);
  }

  @Test
  void policiesOfTheServiceHoldForSuchRequestsToo() {
    Router router =
        mesh()
            .documents(TO_CANARY)
            .documents(
                """
                apiVersion: weft.dev/v1alpha1
                kind: ResiliencePolicy
                metadata: {name: slow}
                spec:
                  targetRefs: [{kind: Service, name: pay}]
                  timeouts: {request: 3s}
                ---
                apiVersion: weft.dev/v1alpha1
                kind: FaultPolicy
                metadata: {name: some}
                spec:
                  targetRefs: [{kind: Service, name: pay}]
                  delay: {percent: 50, duration: 1s}
                """)
            .router();

    assertThat(router.decide(get("pay", "/"), dice()))
        .isInstanceOfSatisfying(
            Forward.class,
            forward -> {
              assertThat(forward.service().name()).isEqualTo("canary");
              assertThat(forward.rule()).isEqualTo("TCPRoute default/r rule raw");
              assertThat(forward.requestTimeout()).isEqualTo(Optional.of(Duration.ofSeconds(3)));
            });
    // Nobody sees what a connection carries, so only where it goes is said.
    assertThat(router.connect("pay", 80, "pay", dice()))
        .isInstanceOfSatisfying(
            Forward.class,
            forward -> {
              assertThat(forward.service().name()).isEqualTo("canary");
              assertThat(forward.requestTimeout()).isEmpty();
            });
  }

  private static String outcome(Decision decision) {
    return decision instanceof Reject reject
        ? reject.status() + " " + reject.flag()
        : ((Forward) decision).service().name();
  }
}
