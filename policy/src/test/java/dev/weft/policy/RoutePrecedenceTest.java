package dev.weft.policy;

import static dev.weft.policy.TestMesh.Request.get;
import static dev.weft.policy.TestMesh.dice;
import static dev.weft.policy.TestMesh.http;
import static dev.weft.policy.TestMesh.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Decision.Forward;
import dev.weft.policy.Decision.PassThrough;
import dev.weft.policy.Decision.Reject;
import dev.weft.policy.TestMesh.Request;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rule takes a request, and whose routes count: Gateway API's text, row by row. */
class RoutePrecedenceTest {
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
}
