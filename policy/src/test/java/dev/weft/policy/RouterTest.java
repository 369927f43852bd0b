package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weft.policy.Decision.Forward;
import dev.weft.policy.Decision.PassThrough;
import dev.weft.policy.Decision.Reject;
import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import dev.weft.policy.tree.Trees;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouterTest {

  @Nested
  class Hosts {
    private final Router router = router("", "pay", "orders");

    @ParameterizedTest
    @ValueSource(
        strings = {
          "pay",
          "PAY",
          "Pay.Default",
          "pay.default.svc",
          "pay.default.svc.cluster.local",
          "pay.default.svc.cluster.local.",
          "PAY."
        })
    void everyNameOfAServiceLeadsThere(String host) {
      assertThat(router.decide(get(host, "/"), dice()))
          .isInstanceOfSatisfying(
              Forward.class, forward -> assertThat(forward.service().name()).isEqualTo("pay"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "pay.other", "EXAMPLE.com", "", ".", "10.0.0.1"})
    void otherHostsPassThrough(String host) {
      assertThat(router.decide(get(host, "/"), dice())).isEqualTo(new PassThrough("no-service"));
    }

    @Test
    void theVirtualAddressLeadsToItsService() {
      Service pay =
          router.decide(get("pay", "/"), dice()) instanceof Forward f ? f.service() : null;

      assertThat(router.decide(get(pay.virtualAddress(), "/"), dice())).isInstanceOf(Forward.class);
    }

    @Test
    void aPortThatTheServiceDoesNotHaveIsRejected() {
      assertThat(router.decide(new TestCall("pay", 81, "GET", "/", Map.of()), dice()))
          .isEqualTo(
              new Reject(
                  "no-port", 503, "NR", "Service default/pay has no port 81; it has 80, 8080"));
    }

    @Test
    void withoutRouteTheEndpointsOfThePortAreTheCandidates() {
      assertThat(router.decide(get("pay", "/"), dice()))
          .isInstanceOfSatisfying(
              Forward.class,
              forward -> {
                assertThat(forward.rule()).isEqualTo("no-route");
                assertThat(forward.endpoints()).hasSize(1);
                assertThat(forward.endpoints().get(0).servicePort()).isEqualTo(80);
                assertThat(forward.endpoints().get(0).port()).isEqualTo(8080);
              });
    }
  }

  @Nested
  class Matching {
    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource({
      "PathPrefix, /v2,  /v2,        true",
      "PathPrefix, /v2,  /v2/,       true",
      "PathPrefix, /v2,  /v2/x,      true",
      "PathPrefix, /v2,  /v2?x=y,    true",
      "PathPrefix, /v2,  /v2x,       false",
      "PathPrefix, /v2,  /v,         false",
      "PathPrefix, /v2,  /V2,        false",
      "PathPrefix, /v2,  /x/v2,      false",
      "PathPrefix, /v2/, /v2,        true",
      "PathPrefix, /v2/, /v2/x,      true",
      "PathPrefix, /v2,  /%76%32,    true",
      "PathPrefix, /v2,  //v2,       true",
      "PathPrefix, /,    /anything,  true",
      "Exact,      /v2,  /v2,        true",
      "Exact,      /v2,  /v2?x,      true",
      "Exact,      /v2,  /v2/,       false",
      "Exact,      /v2,  /v,         false",
      "RegularExpression, '/a[0-9]+', /a12,     true",
      "RegularExpression, '/a[0-9]+', /a12?b=c, true",
      "RegularExpression, '/a[0-9]+', /a12/x,   false",
      "RegularExpression, '/a[0-9]+', /x/a12,   false",
    })
    void pathsAreComparedAsGatewayApiSays(String type, String value, String path, boolean match) {
      Router router =
          router(route("pay", "matches: [{path: {type: %s, value: '%s'}}]".formatted(type, value)));

      assertThat(router.decide(get("pay", path), dice()) instanceof Forward).isEqualTo(match);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
      "/?q=a,          true",
      "/?x=y&q=a,      true",
      "/?q=%61,        true",
      "/?%71=a,        true",
      "/?q=a&q=b,      true",
      "/?q=b&q=a,      false",
      "/?q=A,          false",
      "/?Q=a,          false",
      "/?q,            false",
      "/?q=,           false",
      "/?,             false",
      "/,              false",
      "/q=a,           false",
      "/?qq=a,         false",
      "/?q=%zz,        false",
    })
    void queryParametersAreComparedDecodedAndTheFirstCounts(String path, boolean match) {
      Router router = router(route("pay", "matches: [{queryParams: [{name: q, value: a}]}]"));

      assertThat(router.decide(get("pay", path), dice()) instanceof Forward).isEqualTo(match);
    }

    @Test
    void headersAreComparedWithoutCaseOfTheirNames() {
      Router router =
          router(route("pay", "matches: [{headers: [{name: X-Tester, value: 'yes'}]}]"));

      assertThat(with(router, Map.of("x-tester", List.of("yes")))).isInstanceOf(Forward.class);
      assertThat(with(router, Map.of("x-tester", List.of("YES")))).isInstanceOf(Reject.class);
      assertThat(with(router, Map.of("x-tester", List.of("yes", "no")))).isInstanceOf(Reject.class);
      assertThat(with(router, Map.of())).isInstanceOf(Reject.class);
    }

    @Test
    void repeatedHeadersAreJoined() {
      Router router =
          router(
              route(
                  "pay",
                  "matches: [{headers: [{type: RegularExpression, name: a, value: 'b,c+'}]}]"));

      assertThat(with(router, Map.of("a", List.of("b", "cc")))).isInstanceOf(Forward.class);
      assertThat(with(router, Map.of("a", List.of("b")))).isInstanceOf(Reject.class);
    }

    @Test
    void anExpressionThatExplodesElsewhereIsLinearHere() {
      Router router =
          router(
              route(
                  "pay",
                  "matches: [{path: {type: RegularExpression, value: '/(a+)+(a+)+(a+)+b'}}]"));

      assertThat(router.decide(get("pay", "/" + "a".repeat(5_000)), dice()))
          .isInstanceOf(Reject.class);
    }

    @Test
    void noMatchIsNotFound() {
      Router router = router(route("pay", "matches: [{path: {value: /v2}}]"));

      assertThat(router.decide(get("pay", "/v1"), dice()))
          .isEqualTo(
              new Reject(
                  "HTTPRoute default/r", 404, "NR", "no rule of a route matches the request"));
    }

    private Decision with(Router router, Map<String, List<String>> headers) {
      return router.decide(new TestCall("pay", 80, "GET", "/", headers), dice());
    }
  }

  @Nested
  class Precedence {
    /** Rules in an order that precedence must turn round. */
    private final Router router =
        router(
            route(
                "pay",
                "name: any",
                "name: post\n    matches: [{method: POST}]",
                "name: one-query\n    matches: [{queryParams: [{name: q, value: a}]}]",
                "name: one-header\n    matches: [{headers: [{name: a, value: b}]}]",
                "name: two-headers\n"
                    + "    matches: [{headers: [{name: a, value: b}, {name: c, value: d}]}]",
                "name: short\n    matches: [{path: {value: /a}}]",
                "name: long\n    matches: [{path: {value: /a/b}}]",
                "name: long-get\n    matches: [{path: {value: /a/b}, method: GET}]",
                "name: expression\n    matches: [{path: {type: RegularExpression, value: '/a/x.*'}}]",
                "name: exact\n    matches: [{path: {type: Exact, value: /a/x/y}}]"));

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @CsvSource({
      "GET,  /a/x/y,     '',    exact",
      "GET,  /a/x/z,     '',    expression",
      "GET,  /a/b,       '',    long-get",
      "PUT,  /a/b/c,     '',    long",
      "PUT,  /a/c,       a=b,   short",
      "POST, /z?q=a,     a=b,   post",
      "PUT,  /z?q=a,     a=b c=d, two-headers",
      "PUT,  /z?q=a,     a=b,   one-header",
      "PUT,  /z?q=a,     '',    one-query",
      "PUT,  /z,         '',    any",
    })
    void theMostSpecificRuleWins(String method, String path, String headers, String rule) {
      Map<String, List<String>> values = new HashMap<>();
      for (String header : headers.split(" ", -1)) {
        if (!header.isEmpty()) {
          values.put(header.substring(0, 1), List.of(header.substring(2)));
        }
      }

      assertThat(router.decide(new TestCall("pay", 80, method, path, values), dice()).rule())
          .isEqualTo("HTTPRoute default/r rule " + rule);
    }

    @Test
    void amongEqualsTheFirstRuleWins() {
      Router router =
          router(
              route(
                  "pay",
                  "name: b\n    matches: [{headers: [{name: x, value: '1'}]}]",
                  "name: a\n    matches: [{headers: [{name: y, value: '1'}]}]"));
      Map<String, List<String>> both = Map.of("x", List.of("1"), "y", List.of("1"));

      assertThat(router.decide(new TestCall("pay", 80, "GET", "/", both), dice()).rule())
          .isEqualTo("HTTPRoute default/r rule b");
    }
  }

  @Nested
  class Backends {
    @Test
    void weightsAreKeptOverManyCalls() {
      Router router =
          router(
              route(
                  "pay",
                  "backendRefs: [{name: pay-v1, port: 80, weight: 90},"
                      + " {name: pay-v2, port: 80, weight: 10}]"),
              "pay",
              "pay-v1",
              "pay-v2");
      SplittableRandom dice = dice();
      Map<String, Integer> seen = new HashMap<>();
      for (int i = 0; i < 100_000; i++) {
        Forward forward = (Forward) router.decide(get("pay", "/"), dice);
        seen.merge(forward.service().name(), 1, Integer::sum);
      }

      // Five standard deviations of a binomial distribution.
      assertThat(seen.get("pay-v2")).isCloseTo(10_000, within(475));
      assertThat(seen.get("pay-v1") + seen.get("pay-v2")).isEqualTo(100_000);
    }

    @Test
    void theSameDiceGiveTheSameDecisions() {
      Router router =
          router(
              route("pay", "backendRefs: [{name: pay-v1, port: 80}, {name: pay-v2, port: 80}]"),
              "pay",
              "pay-v1",
              "pay-v2");
      List<Decision> one = new ArrayList<>();
      List<Decision> other = new ArrayList<>();
      SplittableRandom firstDice = dice();
      SplittableRandom secondDice = dice();
      for (int i = 0; i < 100; i++) {
        one.add(router.decide(get("pay", "/"), firstDice));
        other.add(router.decide(get("pay", "/"), secondDice));
      }

      assertThat(one).isEqualTo(other);
    }

    @Test
    void theShareOfAnInvalidBackendIsAnError() {
      Router router =
          router(route("pay", "backendRefs: [{name: pay, port: 80}, {name: gone, port: 80}]"));
      SplittableRandom dice = dice();
      int errors = 0;
      for (int i = 0; i < 10_000; i++) {
        if (router.decide(get("pay", "/"), dice) instanceof Reject reject) {
          assertThat(reject.status()).isEqualTo(500);
          assertThat(reject.reason()).isEqualTo("Service default/gone does not exist");
          errors++;
        }
      }

      assertThat(errors).isCloseTo(5_000, within(250));
    }

    @Test
    void zeroWeightTakesNothingAndAllZeroIsAnError() {
      Router some =
          router(
              route(
                  "pay",
                  "backendRefs: [{name: pay, port: 80}, {name: gone, port: 80, weight: 0}]"));
      Router none = router(route("pay", "backendRefs: [{name: pay, port: 80, weight: 0}]"));

      for (int i = 0; i < 100; i++) {
        assertThat(some.decide(get("pay", "/"), dice())).isInstanceOf(Forward.class);
      }
      assertThat(none.decide(get("pay", "/"), dice()))
          .isInstanceOfSatisfying(
              Reject.class, reject -> assertThat(reject.status()).isEqualTo(500));
    }

    @Test
    void withoutReadyEndpointTheServiceIsUnavailable() {
      Workload down = workload("pay", false);
      Router router = new Router(mesh("", down, workload("web", true)).snapshotFor(down));

      assertThat(router.decide(get("pay", "/"), dice()))
          .isEqualTo(
              new Reject(
                  "no-route", 503, "UH", "Service default/pay has no endpoint that is ready"));
    }

    @Test
    void editsOfRuleAndBackendComeInThatOrderWithTheTimeouts() {
      Router router =
          router(
              route(
                  "pay",
                  "filters: [{type: RequestHeaderModifier,"
                      + " requestHeaderModifier: {set: [{name: a, value: rule}]}}]\n"
                      + "    backendRefs: [{name: pay, port: 80, filters: [{type:"
                      + " RequestHeaderModifier, requestHeaderModifier: {add: [{name: a, value:"
                      + " backend}]}}]}]\n"
                      + "    timeouts: {request: 2s, backendRequest: 500ms}"));

      assertThat(router.decide(get("pay", "/"), dice()))
          .isInstanceOfSatisfying(
              Forward.class,
              forward -> {
                assertThat(forward.requestHeaders())
                    .containsExactly(
                        new HeaderEdit(HeaderEdit.Kind.SET, "a", "rule"),
                        new HeaderEdit(HeaderEdit.Kind.ADD, "a", "backend"));
                assertThat(forward.requestTimeout()).isEqualTo(Optional.of(Duration.ofSeconds(2)));
                assertThat(forward.backendTimeout()).isEqualTo(Optional.of(Duration.ofMillis(500)));
              });
    }

    @Test
    void anUnsupportedFilterIsAnErrorRatherThanIgnored() {
      Router router =
          router(
              route(
                  "pay",
                  "filters: [{type: ExtensionRef, extensionRef: {group: x, kind: Y, name: z}}]\n"
                      + "    backendRefs: [{name: pay, port: 80}]"));

      assertThat(router.decide(get("pay", "/"), dice()))
          .isInstanceOfSatisfying(
              Reject.class,
              reject -> {
                assertThat(reject.status()).isEqualTo(500);
                assertThat(reject.reason()).contains("ExtensionRef");
              });
    }

    @Test
    void backendsDoNotChain() {
      Router router =
          router(
              route("pay", "backendRefs: [{name: orders, port: 80}]")
                  + "---\n"
                  + route("orders", "matches: [{path: {value: /never}}]")
                      .replace("name: r", "name: o"),
              "pay",
              "orders");

      assertThat(router.decide(get("pay", "/"), dice()))
          .isInstanceOfSatisfying(
              Forward.class, forward -> assertThat(forward.service().name()).isEqualTo("orders"));
    }
  }

  @Test
  void aRouteOnOnePortLeavesTheOthersAlone() {
    Router router =
        router(
            route("pay", "matches: [{path: {value: /v2}}]")
                .replace("name: pay}]", "name: pay, port: 8080}]"));

    assertThat(router.decide(new TestCall("pay", 80, "GET", "/", Map.of()), dice()).rule())
        .isEqualTo("no-route");
    assertThat(router.decide(new TestCall("pay", 8080, "GET", "/", Map.of()), dice()))
        .isInstanceOf(Reject.class);
  }

  @Test
  void aSnapshotThatTravelledDecidesTheSame() {
    Workload web = workload("web", true);
    Snapshot snapshot =
        mesh(route("pay", "matches: [{path: {value: /v2}}]"), web, workload("pay", true))
            .snapshotFor(web);
    Snapshot travelled = Trees.fromTree(Trees.toTree(snapshot), Snapshot.class);

    assertThat(new Router(travelled).decide(get("pay", "/v2/x"), dice()))
        .isEqualTo(new Router(snapshot).decide(get("pay", "/v2/x"), dice()));
  }

  private static String route(String service, String... rules) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r}
            spec:
              parentRefs: [{kind: Service, name: %s}]
              rules:
            """
                .formatted(service));
    for (String rule : rules) {
      text.append("  - ").append(rule).append('\n');
    }
    return text.toString();
  }

  private static Router router(String documents) {
    return router(documents, "pay");
  }

  private static Router router(String documents, String... services) {
    List<Workload> workloads = new ArrayList<>();
    for (String service : services) {
      workloads.add(workload(service, true));
    }
    CompiledMesh mesh = mesh(documents, workloads.toArray(Workload[]::new));
    return new Router(mesh.snapshotFor(workloads.get(0)));
  }

  private static CompiledMesh mesh(String documents, Workload... workloads) {
    PolicyStore policy =
        PolicyStore.empty().update(List.of(new SourceFile("mesh.yaml", documents)));
    assertThat(policy.inForce()).hasSize(documents.isEmpty() ? 0 : documents.split("---").length);
    return MeshCompiler.compile(policy, List.of(workloads), "cluster.local", List.of());
  }

  private static Workload workload(String service, boolean ready) {
    return new Workload(
        service + "-1",
        service,
        "default",
        service,
        "spiffe://cluster.local/ns/default/sa/" + service,
        "10.0.0.1",
        Map.of(),
        List.of(8080),
        Map.of(),
        ready);
  }

  private static TestCall get(String host, String path) {
    return new TestCall(host, 80, "GET", path, Map.of());
  }

  private static SplittableRandom dice() {
    return new SplittableRandom(42);
  }

  private record TestCall(
      String host, int port, String method, String pathAndQuery, Map<String, List<String>> headers)
      implements Call {
    @Override
    public List<String> header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }
  }
}
