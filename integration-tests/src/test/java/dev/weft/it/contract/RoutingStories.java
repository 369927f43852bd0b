package dev.weft.it.contract;

import static dev.weft.it.contract.Stories.assertAnsweredBy;
import static dev.weft.it.contract.Stories.assertAnsweredByTheMesh;
import static org.assertj.core.api.Assertions.assertThat;

import clients.Body;
import clients.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where requests go. */
interface RoutingStories extends Stories {
  static void declare(Declarations policy) throws IOException {
    policy
        .service("exact", 1)
        .service("exact-hit", 1)
        .route(
            "exact",
            """
            - matches: [{path: {type: Exact, value: /a/b}}]
              backendRefs: [{name: exact-hit, port: 80}]
            - backendRefs: [{name: exact, port: 80}]
            """)
        .service("prefix", 1)
        .service("prefix-hit", 1)
        .route(
            "prefix",
            """
            - matches: [{path: {type: PathPrefix, value: /v2}}]
              backendRefs: [{name: prefix-hit, port: 80}]
            - backendRefs: [{name: prefix, port: 80}]
            """)
        .service("regex", 1)
        .service("regex-hit", 1)
        .route(
            "regex",
            """
            - matches: [{path: {type: RegularExpression, value: "/[a-z]+/[0-9]+"}}]
              backendRefs: [{name: regex-hit, port: 80}]
            - backendRefs: [{name: regex, port: 80}]
            """)
        .service("method", 1)
        .service("method-hit", 1)
        .route(
            "method",
            """
            - matches: [{method: POST}]
              backendRefs: [{name: method-hit, port: 80}]
            - backendRefs: [{name: method, port: 80}]
            """)
        .service("header", 1)
        .service("header-hit", 1)
        .route(
            "header",
            """
            - matches:
              - headers: [{name: x-tester, value: "yes"}]
              - headers: [{name: x-version, type: RegularExpression, value: "v[0-9]+"}]
              backendRefs: [{name: header-hit, port: 80}]
            - backendRefs: [{name: header, port: 80}]
            """)
        .service("query", 1)
        .service("query-hit", 1)
        .route(
            "query",
            """
            - matches: [{queryParams: [{name: beta, value: "on"}]}]
              backendRefs: [{name: query-hit, port: 80}]
            - backendRefs: [{name: query, port: 80}]
            """)
        .service("precedence", 1)
        .service("precedence-short", 1)
        .service("precedence-long", 1)
        .service("precedence-exact", 1)
        .route(
            "precedence",
            """
            - backendRefs: [{name: precedence, port: 80}]
            - matches: [{path: {type: PathPrefix, value: /a}}]
              backendRefs: [{name: precedence-short, port: 80}]
            - matches: [{path: {type: PathPrefix, value: /a/b}}]
              backendRefs: [{name: precedence-long, port: 80}]
            - matches: [{path: {type: Exact, value: /a/b/c}}]
              backendRefs: [{name: precedence-exact, port: 80}]
            """)
        .service("weights", 1)
        .service("weights-v1", 1)
        .service("weights-v2", 1)
        .service("weights-v3", 1)
        .route(
            "weights",
            """
            - backendRefs:
              - {name: weights-v1, port: 80, weight: 80}
              - {name: weights-v2, port: 80, weight: 20}
              - {name: weights-v3, port: 80, weight: 0}
            """)
        .service("no-match", 1)
        .route(
            "no-match",
            """
            - matches: [{path: {type: Exact, value: /only}}]
              backendRefs: [{name: no-match, port: 80}]
            """)
        .service("no-backend", 1)
        .route(
            "no-backend",
            """
            - matches: [{path: {type: PathPrefix, value: /nowhere}}]
              backendRefs: [{name: no-such-service, port: 80}]
            - backendRefs: [{name: no-backend, port: 80}]
            """)
        .service("not-ready", 0)
        .service("no-port", 1)
        .service("spread", 3);
  }

  @Test
  default void anExactPathMatchesItselfOnly() throws Exception {
    assertAnsweredBy("exact-hit-0", get("http://exact/a/b"));
    assertAnsweredBy("exact-hit-0", get("http://exact/a/b?c=d"));
    assertAnsweredBy("exact-0", get("http://exact/a/b/"));
    assertAnsweredBy("exact-0", get("http://exact/a/b/c"));
  }

  @Test
  default void aPathPrefixMatchesBySegment() throws Exception {
    assertAnsweredBy("prefix-hit-0", get("http://prefix/v2"));
    assertAnsweredBy("prefix-hit-0", get("http://prefix/v2/x"));
    assertAnsweredBy("prefix-0", get("http://prefix/v2x"));
    assertAnsweredBy("prefix-0", get("http://prefix/x/v2"));
  }

  @Test
  default void aPathExpressionMatchesTheWholePath() throws Exception {
    assertAnsweredBy("regex-hit-0", get("http://regex/orders/17"));
    assertAnsweredBy("regex-0", get("http://regex/orders/17/"));
    assertAnsweredBy("regex-0", get("http://regex/orders/x17"));
  }

  @Test
  default void aMethodMatches() throws Exception {
    assertAnsweredBy("method-hit-0", send(Request.post("http://method/", Body.bytes("x"))));
    assertAnsweredBy("method-0", get("http://method/"));
  }

  @Test
  default void aHeaderMatchesByValueAndByExpression() throws Exception {
    Request request = Request.get("http://header/");
    assertAnsweredBy("header-hit-0", send(request.header("X-Tester", "yes")));
    assertAnsweredBy("header-0", send(request.header("X-Tester", "no")));
    assertAnsweredBy("header-hit-0", send(request.header("x-version", "v12")));
    assertAnsweredBy("header-0", send(request.header("x-version", "v12b")));
    assertAnsweredBy("header-0", send(request));
  }

  @Test
  default void aQueryParameterMatches() throws Exception {
    assertAnsweredBy("query-hit-0", get("http://query/?a=b&beta=on"));
    assertAnsweredBy("query-hit-0", get("http://query/?beta=%6Fn"));
    assertAnsweredBy("query-0", get("http://query/?beta=off"));
    assertAnsweredBy("query-0", get("http://query/"));
  }

  @Test
  default void theMostSpecificPathWins() throws Exception {
    assertAnsweredBy("precedence-exact-0", get("http://precedence/a/b/c"));
    assertAnsweredBy("precedence-long-0", get("http://precedence/a/b/d"));
    assertAnsweredBy("precedence-short-0", get("http://precedence/a/d"));
    assertAnsweredBy("precedence-0", get("http://precedence/d"));
  }

  /** Six standard deviations around 20 %. */
  @Test
  default void requestsAreSharedByWeight() throws Exception {
    List<Outcome> outcomes = get("http://weights/", 200);

    long second = outcomes.stream().filter(one -> one.text().equals("weights-v2-0")).count();
    assertThat(second).isBetween(6L, 74L);
    assertThat(service("weights-v1").received()).hasSize((int) (200 - second));
    assertThat(service("weights-v3").received()).isEmpty();
  }

  @Test
  default void routesWithoutAMatchAnswer404() throws Exception {
    assertAnsweredBy("no-match-0", get("http://no-match/only"));
    assertAnsweredByTheMesh(get("http://no-match/other"), 404, "NR");
    assertThat(service("no-match").received()).hasSize(1);
  }

  @Test
  default void aRouteWithoutAValidBackendAnswers500() throws Exception {
    assertAnsweredBy("no-backend-0", get("http://no-backend/"));
    assertAnsweredByTheMesh(get("http://no-backend/nowhere"), 500, "NR");
  }

  @Test
  default void aServiceWithoutEndpointAnswers503() throws Exception {
    assertAnsweredByTheMesh(get("http://not-ready/"), 503, "UH");
    assertAnsweredByTheMesh(
        send(Request.post("http://not-ready/", Body.bytes("order"))), 503, "UH");
    assertAnsweredByTheMesh(
        send(Request.post("http://not-ready/", Body.streamed("order"))), 503, "UH");
  }

  @Test
  default void aPortThatTheServiceDoesNotHaveAnswers503() throws Exception {
    assertAnsweredBy("no-port-0", get("http://no-port/"));
    assertAnsweredByTheMesh(get("http://no-port:81/"), 503, "NR");
  }

  @Test
  default void anAnswerOfTheMeshHasNoBodyForHead() throws Exception {
    Outcome outcome = send(Request.of("HEAD", "http://not-ready/"));

    assertAnsweredByTheMesh(outcome, 503, "UH");
    assertThat(outcome.length()).isZero();
  }

  @Test
  default void everyNameOfAServiceLeadsToIt() throws Exception {
    for (String host : List.of("spread", "spread.default", "spread.default.svc.cluster.local")) {
      assertThat(get("http://" + host + "/").text()).as(host).startsWith("spread-");
    }
  }

  @Test
  default void everyEndpointOfAServiceGetsRequests() throws Exception {
    Upstream spread = service("spread");
    Stories.eventually(
        () -> {
          assertThat(get("http://spread/").text()).startsWith("spread-");
          assertThat(spread.backends()).noneMatch(backend -> backend.received().isEmpty());
        });
  }

  @Test
  default void requestsAtTheSameTimeAreAllAnswered() throws Exception {
    List<Sent> sent = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      sent.add(start(Request.get("http://spread/" + i)));
    }
    for (Sent one : sent) {
      assertThat(one.outcome().text()).startsWith("spread-");
    }
  }
}
