package dev.weft.policy;

import static dev.weft.policy.TestMesh.Request.get;
import static dev.weft.policy.TestMesh.dice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weft.policy.Decision.Forward;
import dev.weft.policy.Decision.PassThrough;
import dev.weft.policy.Decision.Redirect;
import dev.weft.policy.Decision.Reject;
import dev.weft.policy.TestMesh.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of routing in Gateway API's text, row by row. */
class RouterTablesTest {

  @Nested
  class PrecedenceAmongRoutes {
    @ParameterizedTest(name = "{0} before {1}")
    @CsvSource(
        delimiter = '|',
        value = {
          "{path: {type: Exact, value: /a/b}}          | {path: {value: /a/b}}",
          "{path: {type: Exact, value: /a/b}}          | {path: {type: RegularExpression, value: '/a/.*'}}",
          "{path: {type: RegularExpression, value: '/a/.+'}} | {path: {type: RegularExpression, value: '/.+'}}",
          "{path: {value: /a/b}}                       | {path: {value: /a}, method: GET}",
          "{path: {value: /a}}                         | {method: GET}",
          "{path: {value: /a}, method: GET}            | {path: {value: /a}}",
          "{method: GET}                               | {headers: [{name: x, value: '1'}, {name: y, value: '1'}]}",
          "{headers: [{name: x, value: '1'}, {name: y, value: '1'}]} | {headers: [{name: x, value: '1'}]}",
          "{headers: [{name: x, value: '1'}]}          | {queryParams: [{name: q, value: '1'}, {name: r, value: '1'}]}",
          "{queryParams: [{name: q, value: '1'}, {name: r, value: '1'}]} | {queryParams: [{name: q, value: '1'}]}",
          "{queryParams: [{name: q, value: '1'}]}      | {}",
          "{path: {value: /a}, headers: [{name: x, value: '1'}]} | {path: {value: /a}, queryParams: [{name: q, value: '1'}]}",
        })
    void theMoreSpecificMatchWinsWhicheverRouteIsOlder(String more, String less) {
      Request request = get("pay", "/a/b?q=1&r=1").with("x", "1").with("y", "1");
      for (List<String> ages : List.of(List.of("2020", "2021"), List.of("2021", "2020"))) {
        Router router =
            new TestMesh()
                .documents(http("more", ages.get(0), "matches: [" + more + "]"))
                .documents(http("less", ages.get(1), "matches: [" + less + "]"))
                .workloads("pay")
                .router();

        assertThat(router.decide(request, dice()).rule())
            .isEqualTo("HTTPRoute default/more rule 0");
      }
    }

    @ParameterizedTest(name = "{0} of {1} and {2} of {3}: {4}")
    @CsvSource({
      "a, 2021, b, 2020, b", // older
      "a, 2020, b, 2021, a",
      "a, 2020, b, 2020, a", // name
      "b, 2020, a, 2020, a",
      "b, 2020, a, none, b", // without a timestamp a document counts as the youngest
      "b, none, a, none, a",
    })
    void amongEqualMatchesTheOlderThenTheFirstByNameWins(
        String one, String age, String other, String otherAge, String winner) {
      Router router =
          new TestMesh()
              .documents(http(one, age, "matches: [{path: {value: /a}}]"))
              .documents(http(other, otherAge, "matches: [{path: {value: /a}}]"))
              .workloads("pay")
              .router();

      assertThat(router.decide(get("pay", "/a"), dice()).rule())
          .isEqualTo("HTTPRoute default/" + winner + " rule 0");
    }

    @Test
    void aMatchIsRankedOnItsOwnNotWithItsRule() {
      Router router =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      "name: mixed\n    matches: [{path: {value: /}}, {path: {type: Exact, value: /a}}]",
                      "name: prefix\n    matches: [{path: {value: /a}}]"))
              .workloads("pay")
              .router();

      assertThat(router.decide(get("pay", "/a"), dice()).rule()).endsWith("rule mixed");
      assertThat(router.decide(get("pay", "/a/b"), dice()).rule()).endsWith("rule prefix");
      assertThat(router.decide(get("pay", "/b"), dice()).rule()).endsWith("rule mixed");
    }
  }

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
  class WhomRoutesBind {
    private final TestMesh mesh =
        new TestMesh()
            .documents(http("producer", "none", "name: p\n    matches: [{path: {value: /p}}]"))
            .documents(
                http("consumer", "none", "name: c\n    matches: [{path: {value: /c}}]")
                    .replace("name: consumer", "name: consumer, namespace: shop")
                    .replace("name: pay}", "name: pay, namespace: default, port: 80}"))
            .workloads("pay");

    @ParameterizedTest(name = "from {0} to {1}{2}: {3}")
    @CsvSource({
      "default, pay.default,      /p, HTTPRoute default/producer rule p",
      "books,   pay.default,      /p, HTTPRoute default/producer rule p",
      "books,   pay.default,      /c, HTTPRoute default/producer", // 404
      "shop,    pay.default,      /c, HTTPRoute shop/consumer rule c",
      "shop,    pay.default,      /p, HTTPRoute shop/consumer", // 404
      "shop,    pay.default:8080, /p, HTTPRoute default/producer rule p",
      "shop,    pay.default:8080, /c, HTTPRoute default/producer", // 404
    })
    void aConsumersRouteBindsItsNamespaceOnlyAndWinsThereOnItsPorts(
        String namespace, String host, String path, String rule) {
      assertThat(mesh.routerIn(namespace).decide(get(host, path), dice()).rule()).isEqualTo(rule);
    }

    @Test
    void aRouteOfOnePortLeavesTheOthersAlone() {
      Router router =
          new TestMesh()
              .documents(
                  http("r", "none", "matches: [{path: {value: /a}}]")
                      .replace("name: pay}", "name: pay, port: 8080}"))
              .workloads("pay")
              .router();

      assertThat(router.decide(get("pay:8080", "/b"), dice())).isInstanceOf(Reject.class);
      assertThat(router.decide(get("pay:8080", "/a"), dice())).isInstanceOf(Forward.class);
      assertThat(router.decide(get("pay", "/b"), dice()).rule()).isEqualTo("no-route");
    }

    @Test
    void callsToAWorkloadsOwnAddressUseNoRoutes() {
      assertThat(mesh.router().decide(get("10.0.0.1:8080", "/never"), dice()))
          .isEqualTo(new PassThrough("no-service"));
    }

    @Test
    void aNameOutsideTheMeshPassesAndItsRoutesCanOnlyRefuse() {
      TestMesh outside =
          new TestMesh()
              .documents(
                  """
                  apiVersion: v1
                  kind: Service
                  metadata: {name: pay}
                  spec: {type: ExternalName, externalName: api.example.com}
                  """)
              .documents(http("r", "none", "matches: [{path: {value: /a}}]"));

      assertThat(outside.router().decide(get("pay", "/a"), dice()))
          .isEqualTo(new PassThrough("HTTPRoute default/r rule 0"));
      assertThat(outside.router().decide(get("pay", "/b"), dice()))
          .isInstanceOfSatisfying(
              Reject.class, reject -> assertThat(reject.status()).isEqualTo(404));
      assertThat(outside.router().decide(get("pay:9999", "/b"), dice()))
          .isEqualTo(new PassThrough("no-service"));
    }
  }

  @Nested
  class Locations {
    /** By the text of the fields scheme, hostname, port and path of HTTPRequestRedirectFilter. */
    @ParameterizedTest(name = "{0}://pay:{1}{2}, {3}: {4}")
    @CsvSource(
        delimiter = '|',
        value = {
          // nothing changes but the path: scheme, host and port are the request's
          "http  | 80   | /a/x?y=z | ''                                | http://pay/a/x?y=z",
          "http  | 8080 | /a/x     | ''                                | http://pay:8080/a/x",
          "https | 443  | /a/x     | ''                                | https://pay/a/x",
          "https | 8443 | /a/x     | ''                                | https://pay:8443/a/x",
          "http  | 443  | /a/x     | ''                                | http://pay:443/a/x",
          // a scheme without a port means the scheme's own port
          "http  | 8080 | /a/x     | 'scheme: https'                   | https://pay/a/x",
          "https | 8443 | /a/x     | 'scheme: http'                    | http://pay/a/x",
          "http  | 8080 | /a/x     | 'scheme: http'                    | http://pay/a/x",
          // a port is written unless the scheme implies it
          "http  | 80   | /a/x     | 'port: 8080'                      | http://pay:8080/a/x",
          "http  | 8080 | /a/x     | 'port: 80'                        | http://pay/a/x",
          "http  | 8080 | /a/x     | 'port: 443'                       | http://pay:443/a/x",
          "http  | 80   | /a/x     | 'scheme: https, port: 443'        | https://pay/a/x",
          "http  | 80   | /a/x     | 'scheme: https, port: 80'         | https://pay:80/a/x",
          "http  | 80   | /a/x     | 'scheme: https, port: 8443'       | https://pay:8443/a/x",
          // a host without a port keeps the request's port
          "http  | 80   | /a/x     | 'hostname: b.org'                 | http://b.org/a/x",
          "http  | 8080 | /a/x     | 'hostname: b.org'                 | http://b.org:8080/a/x",
          "http  | 8080 | /a/x     | 'hostname: b.org, scheme: https'  | https://b.org/a/x",
          "http  | 8080 | /a/x     | 'hostname: b.org, port: 1'        | http://b.org:1/a/x",
          "http  | 80   | /a/x?y   | 'hostname: b.org, scheme: https, port: 8443, path: {type: ReplaceFullPath, replaceFullPath: /n}' | https://b.org:8443/n?y",
          // paths; the query stays
          "http  | 80   | /a/x?y=z | 'path: {type: ReplaceFullPath, replaceFullPath: /n}'       | http://pay/n?y=z",
          "http  | 80   | /a/x?y=z | 'path: {type: ReplacePrefixMatch, replacePrefixMatch: /n}' | http://pay/n/x?y=z",
          "http  | 80   | /a       | 'path: {type: ReplacePrefixMatch, replacePrefixMatch: /n}' | http://pay/n",
          "http  | 80   | /a       | 'path: {type: ReplacePrefixMatch, replacePrefixMatch: \"\"}' | http://pay/",
        })
    void locationIsMadeAsTheFieldsSay(
        String scheme, int port, String path, String redirect, String location) {
      Router router =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      "matches: [{path: {value: /a}}]\n    filters: [{type: RequestRedirect,"
                          + " requestRedirect: {"
                          + redirect
                          + "}}]"))
              .documents(
                  """
                  apiVersion: v1
                  kind: Service
                  metadata: {name: pay}
                  spec:
                    selector: {app: pay}
                    ports:
                    - {name: a, port: 80, targetPort: 8080}
                    - {name: b, port: 443, targetPort: 8080}
                    - {name: c, port: 8080, targetPort: 8080}
                    - {name: d, port: 8443, targetPort: 8080}
                  """)
              .workloads("pay")
              .router();

      assertThat(router.decide(new Request(scheme, "pay", port, "GET", path, Map.of()), dice()))
          .isEqualTo(new Redirect("HTTPRoute default/r rule 0", 302, location));
    }

    @ParameterizedTest
    @CsvSource({"301", "302", "303", "307", "308"})
    void theStatusIsTheOneOfTheFilter(int status) {
      Router router =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      "filters: [{type: RequestRedirect, requestRedirect: {hostname: b.org,"
                          + " statusCode: "
                          + status
                          + "}}]"))
              .workloads("pay")
              .router();

      assertThat(router.decide(get("pay", "/"), dice()))
          .isEqualTo(new Redirect("HTTPRoute default/r rule 0", status, "http://b.org/"));
    }
  }

  @Nested
  class Rewrites {
    /** The table in the text of HTTPPathModifier, and what it leaves out. */
    @ParameterizedTest(name = "{0} of {1} by {2}: {3}")
    @CsvSource({
      "/foo/bar,     /foo,  /xyz,  /xyz/bar",
      "/foo/bar,     /foo,  /xyz/, /xyz/bar",
      "/foo/bar,     /foo/, /xyz,  /xyz/bar",
      "/foo/bar,     /foo/, /xyz/, /xyz/bar",
      "/foo,         /foo,  /xyz,  /xyz",
      "/foo/,        /foo,  /xyz,  /xyz/",
      "/foo/bar,     /foo,  '',    /bar",
      "/foo/,        /foo,  '',    /",
      "/foo,         /foo,  '',    /",
      "/foo/,        /foo,  /,     /",
      "/foo,         /foo,  /,     /",
      "/foo/bar?a=/foo, /foo, /xyz, /xyz/bar?a=/foo",
      "/foo?a,       /foo,  /xyz,  /xyz?a",
      "/foo//bar,    /foo,  /xyz,  /xyz//bar",
      "/foo/%2e,     /foo,  /xyz,  /xyz/%2e",
      "/foo/bar,     /,     /xyz,  /xyz/foo/bar",
      "/,            /,     /xyz,  /xyz/",
      "/foo/bar,     /foo,  xyz,   /xyz/bar",
    })
    void aPrefixIsReplacedBySegments(String path, String prefix, String value, String expected) {
      Decision decision =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      ("matches: [{path: {value: %s}}]\n    filters: [{type: URLRewrite, urlRewrite:"
                              + " {path: {type: ReplacePrefixMatch, replacePrefixMatch: '%s'}}}]")
                          .formatted(prefix, value)))
              .workloads("pay")
              .router()
              .decide(get("pay", path), dice());

      assertThat(rewritten(decision, path)).isEqualTo(expected);
    }

    @Test
    void aBackendsRewriteGoesBeforeTheRules() {
      String rewrite =
          "[{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: %s}}}]";
      String rule =
          "filters: %s\n    backendRefs: [{name: pay, port: 80, weight: 1}, {name: pay, port: 8080,"
              + " filters: %s}]";
      Router router =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      rule.formatted(rewrite.formatted("/rule"), rewrite.formatted("/backend"))))
              .workloads("pay")
              .router();
      SplittableRandom dice = new SplittableRandom(1);
      List<String> seen = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        Forward forward = (Forward) router.decide(get("pay", "/"), dice);
        seen.add(forward.endpoints().get(0).servicePort() + " " + rewritten(forward, "/"));
      }

      assertThat(seen).contains("80 /rule", "8080 /backend");
      assertThat(seen).containsOnly("80 /rule", "8080 /backend");
    }

    private String rewritten(Decision decision, String path) {
      assertThat(decision).isInstanceOf(Forward.class);
      RouteActions.Rewrite rewrite =
          ((Forward) decision).delivery().actions().rewrite().orElseThrow();
      return RequestTarget.changed(path, rewrite.path().orElseThrow(), "");
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
  class Grpc {
    private final Router router =
        new TestMesh()
            .documents(
                route(
                    "GRPCRoute",
                    "",
                    "name: method-only\n    matches: [{method: {method: Add}}]",
                    "name: service-only\n    matches: [{method: {service: shop.Cart}}]",
                    "name: both\n    matches: [{method: {service: shop.Cart, method: Add}}]",
                    "name: tester\n    matches: [{method: {service: shop.Cart, method: Add},"
                        + " headers: [{name: x-tester, value: 'yes'}]}]",
                    "name: expression\n    matches: [{method: {type: RegularExpression, service:"
                        + " 'books|films', method: 'Get.*'}}]"))
            .workloads("pay")
            .router();

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource({
      "/shop.Cart/Add,       '',  rule both",
      "/shop.Cart/Add,       yes, rule tester",
      "/shop.Cart/Remove,    yes, rule service-only",
      "/shop.Order/Add,      '',  rule method-only",
      "/books/GetAll,        '',  rule expression",
      "/films/Get,           '',  rule expression",
      "/films/Put,           '',  404",
      "/shop.Cartoon/Remove, '',  404",
      "/shop.Cart,           '',  rule service-only",
      "/a/b/Add,             '',  404",
    })
    void methodsOfGrpcAreMatchedByServiceThenMethod(String path, String tester, String outcome) {
      Request request = get("pay", path).method("POST");
      Decision decision =
          router.decide(tester.isEmpty() ? request : request.with("x-tester", tester), dice());

      assertThat(decision instanceof Reject reject ? "" + reject.status() : decision.rule())
          .endsWith(outcome);
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
    void requestsAreNoMatterOfConnectionRoutes() {
      assertThat(router.decide(get("pay:9000", "/"), dice()).rule()).isEqualTo("no-route");
    }
  }

  private static String http(String name, String year, String... rules) {
    String created =
        year.equals("none") ? "" : ", creationTimestamp: \"" + year + "-01-01T00:00:00Z\"";
    return route("HTTPRoute", "", rules).replace("name: r}", "name: " + name + created + "}");
  }

  private static String route(String kind, String field, String... rules) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: %s
            metadata: {name: r}
            spec:
              parentRefs: [{group: "", kind: Service, name: pay}]
              %s
              rules:
            """
                .formatted(kind, field));
    for (String rule : rules) {
      text.append("  - ").append(rule).append('\n');
    }
    return text.toString();
  }
}
