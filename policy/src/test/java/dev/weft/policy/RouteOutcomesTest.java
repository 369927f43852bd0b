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
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of requests and connections that a rule takes, row by row. */
class RouteOutcomesTest {
  @Nested
  class Statuses {
    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource(
        delimiter = '|',
        value = {
          "matches: [{path: {value: /never}}]                                  | 404 | NR",
          "backendRefs: [{name: gone, port: 80}]                               | 500 | NR",
          "backendRefs: [{name: pay, port: 81}]                                | 500 | NR",
          "backendRefs: [{name: pay, port: 80, weight: 0}]                     | 500 | NR",
          "backendRefs: [{kind: ServiceImport, group: x, name: pay, port: 80}] | 500 | NR",
          "filters: [{type: ExtensionRef, extensionRef: {group: a, kind: B, name: c}}] | 500 | NR",
          "backendRefs: [{name: down, port: 80}]                               | 503 | UH",
          "backendRefs: [{name: far, port: 80}]                                | 500 | NR",
          "backendRefs: [{name: pay, port: 80}]                                | 200 | ''",
          "name: itself                                                        | 200 | ''",
        })
    void everyFailureHasTheStatusOfGatewayApi(String rule, int status, String flag) {
      Decision decision =
          new TestMesh()
              .documents(http("r", "none", rule))
              .documents(
                  """
                  apiVersion: v1
                  kind: Service
                  metadata: {name: far}
                  spec: {type: ExternalName, externalName: api.example.com}
                  """)
              .workloads("pay")
              .workload("down", Map.of(), false, 8080)
              .router()
              .decide(get("pay", "/"), dice());

      if (status == 200) {
        assertThat(decision).isInstanceOf(Forward.class);
      } else {
        assertThat(decision)
            .isInstanceOfSatisfying(
                Reject.class,
                reject -> {
                  assertThat(reject.status()).isEqualTo(status);
                  assertThat(reject.flag()).isEqualTo(flag);
                });
      }
    }

    @Test
    void theInvalidShareOfTheWeightGets500AndAnUnreadyOne503() {
      Router router =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      "backendRefs: [{name: pay, port: 80, weight: 5}, {name: gone, port: 80,"
                          + " weight: 3}, {name: down, port: 80, weight: 2}]"))
              .workloads("pay")
              .workload("down", Map.of(), false, 8080)
              .router();
      SplittableRandom dice = new SplittableRandom(7);
      int[] seen = new int[600];
      for (int i = 0; i < 20_000; i++) {
        seen[
            router.decide(get("pay", "/"), dice) instanceof Reject reject
                ? reject.status()
                : 200]++;
      }

      // Five standard deviations of a binomial distribution.
      assertThat(seen[200]).isCloseTo(10_000, within(354));
      assertThat(seen[500]).isCloseTo(6_000, within(325));
      assertThat(seen[503]).isCloseTo(4_000, within(283));
    }
  }

  @Nested
  class WhatIsDoneOnTheWay {
    @Test
    void copiesGoToReadyBackendsOfRuleAndBackendByTheirShare() {
      String mirror = "{type: RequestMirror, requestMirror: {backendRef: {name: %s, port: 80}%s}}";
      Forward forward =
          (Forward)
              new TestMesh()
                  .documents(
                      http(
                          "r",
                          "none",
                          "filters: ["
                              + mirror.formatted("shadow", "")
                              + ", "
                              + mirror.formatted("down", "")
                              + "]\n    backendRefs: [{name: pay, port: 80, filters: ["
                              + mirror.formatted("shadow", ", percent: 5")
                              + "]}]"))
                  .workloads("pay", "shadow")
                  .workload("down", Map.of(), false, 8080)
                  .router()
                  .decide(get("pay", "/"), dice());

      assertThat(forward.delivery().mirrors())
          .extracting(
              copy -> copy.service().name() + " " + copy.numerator() + "/" + copy.denominator())
          .containsExactly("shadow 1/1", "shadow 5/100");
      assertThat(forward.service().name()).isEqualTo("pay");
    }

    @Test
    void editsOfTheRuleComeBeforeThoseOfTheBackend() {
      String edit = "[{type: %sHeaderModifier, %sHeaderModifier: {%s}}]";
      Forward forward =
          (Forward)
              new TestMesh()
                  .documents(
                      http(
                          "r",
                          "none",
                          "filters: "
                              + edit.formatted(
                                  "Request",
                                  "request",
                                  "set: [{name: A, value: '1'}], add: [{name: B, value: '2'}], remove: [C]")
                              + "\n    backendRefs: [{name: pay, port: 80, filters: "
                              + edit.formatted(
                                  "Response", "response", "add: [{name: A, value: '3'}]")
                              + "}]"))
                  .workloads("pay")
                  .router()
                  .decide(get("pay", "/"), dice());

      assertThat(forward.requestHeaders())
          .containsExactly(
              new HeaderEdit(HeaderEdit.Kind.SET, "A", "1"),
              new HeaderEdit(HeaderEdit.Kind.ADD, "B", "2"),
              new HeaderEdit(HeaderEdit.Kind.REMOVE, "C", ""));
      assertThat(forward.responseHeaders())
          .containsExactly(new HeaderEdit(HeaderEdit.Kind.ADD, "A", "3"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
        delimiter = '|',
        value = {
          "{request: 2s, backendRequest: 500ms} | 2000 | 500",
          "{request: 1m30s}                     | 90000 | -1",
          "{request: 0s, backendRequest: 1s}    | -1 | 1000",
          "{request: 0s, backendRequest: 0s}    | -1 | -1",
          "{}                                   | -1 | -1",
        })
    void zeroSwitchesATimeoutOff(String timeouts, long request, long backend) {
      Forward forward =
          (Forward)
              new TestMesh()
                  .documents(http("r", "none", "timeouts: " + timeouts))
                  .workloads("pay")
                  .router()
                  .decide(get("pay", "/"), dice());

      assertThat(forward.requestTimeout().map(Duration::toMillis).orElse(-1L)).isEqualTo(request);
      assertThat(forward.backendTimeout().map(Duration::toMillis).orElse(-1L)).isEqualTo(backend);
    }

    @Test
    void retriesSessionsAndBudgetsTravelWithTheDecision() {
      Forward forward =
          (Forward)
              new TestMesh()
                  .documents(
                      http(
                          "r",
                          "none",
                          "retry: {attempts: 3, codes: [503]}\n"
                              + "    sessionPersistence: {cookie: {name: shop}}"))
                  .documents(
                      """
                      apiVersion: gateway.networking.x-k8s.io/v1alpha1
                      kind: XBackendTrafficPolicy
                      metadata: {name: budget}
                      spec:
                        targetRefs: [{group: "", kind: Service, name: pay}]
                        retryConstraint: {budget: {percent: 5}}
                      ---
                      apiVersion: v1
                      kind: Service
                      metadata: {name: pay}
                      spec:
                        selector: {app: pay}
                        sessionAffinity: ClientIP
                        ports: [{port: 80, targetPort: 8080}]
                      """)
                  .workloads("pay")
                  .router()
                  .decide(get("pay", "/"), dice());

      assertThat(forward.delivery().actions().retry().orElseThrow().codes()).containsExactly(503);
      assertThat(forward.delivery().actions().session().orElseThrow().name()).isEqualTo("shop");
      assertThat(forward.delivery().policies())
          .extracting(TrafficPolicy::rule)
          .containsExactly("XBackendTrafficPolicy default/budget", "Service default/pay");
      assertThat(forward.delivery().policies().get(0).retryBudget().map(b -> b.percent()))
          .isEqualTo(Optional.of(5));
    }
  }

  @Nested
  class Connections {
    private final Router router =
        new TestMesh()
            .documents(
                route(
                        "TLSRoute",
                        "hostnames: [pay.default, '*.example.com', a.b.example.com]",
                        "name: named\n    backendRefs: [{name: pay, port: 80}]")
                    .replace("name: pay}]", "name: pay, port: 443}]"))
            .documents(
                route("TCPRoute", "", "name: raw\n    backendRefs: [{name: db, port: 80}]")
                    .replace("name: pay}]", "name: pay, port: 9000}]")
                    .replace("name: r}", "name: t}"))
            .documents(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: pay}
                spec:
                  selector: {app: pay}
                  ports:
                  - {name: http, port: 80, targetPort: 8080}
                  - {name: tls, port: 443, targetPort: 8080}
                  - {name: tcp, port: 9000, targetPort: 8080}
                """)
            .workloads("pay", "db")
            .router();

    @ParameterizedTest(name = "{0} as {1}: {2}")
    @CsvSource({
      "443,  pay.default,      TLSRoute default/r rule named",
      "443,  PAY.default,      TLSRoute default/r rule named",
      "443,  a.example.com,    TLSRoute default/r rule named",
      "443,  a.b.example.com,  TLSRoute default/r rule named",
      "443,  example.com,      404",
      "443,  aexample.com,     404",
      "443,  '',               404",
      "9000, anything,         TCPRoute default/t rule raw",
      "9000, '',               TCPRoute default/t rule raw",
      "80,   anything,         no-route",
      "81,   anything,         503",
    })
    void connectionsGoByTheNameThatTheyAreMadeTo(int port, String name, String outcome) {
      Decision decision = router.connect("pay", port, name, dice());

      assertThat(decision instanceof Reject reject ? "" + reject.status() : decision.rule())
          .isEqualTo(outcome);
    }

    @Test
    void aTcpRouteLeadsToItsBackend() {
      assertThat(router.connect("pay", 9000, "", dice()))
          .isInstanceOfSatisfying(
              Forward.class, forward -> assertThat(forward.service().name()).isEqualTo("db"));
    }

    @Test
    void requestsAreNoMatterOfATlsRoute() {
      assertThat(router.decide(get("pay:443", "/"), dice()).rule()).isEqualTo("no-route");
    }
  }
}
