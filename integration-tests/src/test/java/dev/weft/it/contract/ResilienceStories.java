package dev.weft.it.contract;

import static dev.weft.it.contract.Stories.assertAnsweredBy;
import static dev.weft.it.contract.Stories.assertAnsweredByTheMesh;
import static org.assertj.core.api.Assertions.assertThat;

import clients.Body;
import clients.Outcome;
import clients.Setup;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Endpoints that are left alone, requests that are held back, copied or made to fail. */
interface ResilienceStories extends Stories {
  /** By latency, an endpoint whose first answer took its time would be left alone for a while. */
  String IN_TURN = "balancing: {algorithm: RoundRobin}\n";

  static void declare(Declarations policy) throws IOException {
    policy
        .service("ejected", 2)
        .policy(
            "ResiliencePolicy",
            "ejected",
            IN_TURN
                + "outliers: {consecutiveErrors: 3, interval: 100ms, baseEjection: 60s,"
                + " maxEjectionPercent: 50}\n")
        .service("returning", 2)
        .policy(
            "ResiliencePolicy",
            "returning",
            IN_TURN
                + "outliers: {consecutiveErrors: 3, interval: 100ms, baseEjection: 300ms,"
                + " maxEjectionPercent: 50}\n")
        .service("breaker", 1)
        .policy("ResiliencePolicy", "breaker", "limits: {maxRequests: 2}\n")
        .service("circuit", 1)
        .policy(
            "ResiliencePolicy",
            "circuit",
            "circuit: {failurePercent: 50, minRequests: 5, window: 60s, open: 60s, probes: 1}\n")
        .service("limited", 1)
        .policy(
            "RateLimitPolicy",
            "limited",
            """
            requests:
            - name: few
              side: Client
              requests: 3
              per: 1h
            """)
        .service("hedged", 2)
        .policy("ResiliencePolicy", "hedged", "hedging: {delay: 50ms, attempts: 1}\n")
        .service("hedged-late", 2)
        .policy("ResiliencePolicy", "hedged-late", "hedging: {delay: 30s, attempts: 5}\n")
        .service("round-robin", 2)
        .policy("ResiliencePolicy", "round-robin", IN_TURN)
        .service("hashed", 4)
        .document(
            "hashed",
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: hashed}
            spec:
              host: hashed
              trafficPolicy:
                loadBalancer: {consistentHash: {httpHeaderName: x-user}}
            """)
        .service("session", 3)
        .route(
            "session",
            """
            - backendRefs: [{name: session, port: 80}]
              sessionPersistence: {cookie: {name: session}}
            """)
        .service("split", 1)
        .service("split-a", 2)
        .service("split-b", 2)
        .route(
            "split",
            """
            - matches: [{path: {type: PathPrefix, value: /cookie}}]
              backendRefs: [{name: split-a, port: 80}, {name: split-b, port: 80}]
              sessionPersistence: {cookie: {name: split}}
            - backendRefs: [{name: split-a, port: 80}, {name: split-b, port: 80}]
              sessionPersistence: {type: Header, header: {name: x-split}}
            """)
        .service("mirrored", 1)
        .service("mirror", 1)
        .route("mirrored", mirrored("mirrored", "mirror"))
        .service("mirrored-broken", 1)
        .service("mirror-broken", 1)
        .route("mirrored-broken", mirrored("mirrored-broken", "mirror-broken"))
        .service("fault-abort", 1)
        .policy(
            "FaultPolicy",
            "fault-abort",
            """
            matches: [{headers: [{name: x-chaos, value: "yes"}]}]
            abort: {percent: 100, httpStatus: 418}
            """)
        .service("fault-delay", 1)
        .policy("FaultPolicy", "fault-delay", "delay: {percent: 100, duration: 400ms}\n")
        .service("fault-timeout", 1)
        .route(
            "fault-timeout",
            """
            - backendRefs: [{name: fault-timeout, port: 80}]
              timeouts: {request: 300ms}
            """)
        .policy("FaultPolicy", "fault-timeout", "delay: {percent: 100, duration: 30s}\n");
  }

  private static String mirrored(String service, String mirror) {
    return """
    - filters:
      - type: RequestMirror
        requestMirror: {backendRef: {name: %s, port: 80}}
      backendRefs: [{name: %s, port: 80}]
    """
        .formatted(mirror, service);
  }

  @Test
  default void anEndpointThatOnlyFailsIsLeftAlone() throws Exception {
    Backend broken = service("ejected").first().plays(Script.answer(503, "no"));
    Stories.eventually(
        () -> {
          get("http://ejected/");
          assertThat(broken.received()).hasSizeGreaterThanOrEqualTo(3);
        });

    int before = broken.received().size();
    for (Outcome outcome : get("http://ejected/", 30)) {
      assertAnsweredBy("ejected-1", outcome);
    }
    assertThat(broken.received()).hasSize(before);
  }

  @Test
  default void anEndpointThatWasLeftAloneReturns() throws Exception {
    Backend broken = service("returning").first().plays(Script.answer(503, "no"));
    Stories.eventually(
        () -> {
          get("http://returning/");
          assertThat(broken.received()).hasSizeGreaterThanOrEqualTo(3);
        });

    broken.plays(Script.answer(200, "well again"));

    Stories.eventually(() -> assertThat(get("http://returning/").text()).isEqualTo("well again"));
  }

  @Test
  default void moreRequestsThanTheLimitAreAnswered503() throws Exception {
    Gate gate = new Gate();
    Backend backend = backend("breaker").plays(Script.behind(gate, Script.answer(200, "yes")));
    Sent first = start(Request.get("http://breaker/1"));
    Sent second = start(Request.get("http://breaker/2"));
    Stories.eventually(() -> assertThat(backend.received()).hasSize(2));

    assertAnsweredByTheMesh(get("http://breaker/3"), 503, "UO");

    gate.open();
    assertThat(first.outcome().text()).isEqualTo("yes");
    assertThat(second.outcome().text()).isEqualTo("yes");
    assertThat(get("http://breaker/4").text()).isEqualTo("yes");
    assertThat(backend.received()).hasSize(3);
  }

  @Test
  default void aCircuitOpensAfterTooManyFailures() throws Exception {
    Backend broken = backend("circuit").plays(Script.answer(500, "broken"));

    Stories.eventually(() -> assertAnsweredByTheMesh(get("http://circuit/"), 503, "UO"));

    int before = broken.received().size();
    assertThat(before).isGreaterThanOrEqualTo(5);
    get("http://circuit/", 10);
    assertThat(broken.received()).hasSize(before);
  }

  @Test
  default void moreRequestsThanTheRateAreAnswered429() throws Exception {
    for (Outcome outcome : get("http://limited/", 3)) {
      assertAnsweredBy("limited-0", outcome);
    }

    Outcome outcome = get("http://limited/");

    assertAnsweredByTheMesh(outcome, 429, "RL");
    assertThat(outcome.value("retry-after").map(Integer::parseInt))
        .get()
        .satisfies(seconds -> assertThat(seconds).isBetween(1, 3600));
    assertThat(backend("limited").received()).hasSize(3);
  }

  @Test
  default void aSlowAttemptIsRacedByAnother() throws Exception {
    service("hedged").first().plays(Script.silence());

    for (Outcome outcome : get("http://hedged/", 5)) {
      assertAnsweredBy("hedged-1", outcome);
    }
    Stories.eventually(() -> assertThat(service("hedged").first().open()).isZero());
  }

  @Test
  default void aPostIsNeverRaced() throws Exception {
    Gate gate = new Gate();
    service("hedged").second().plays(Script.answer(200, "second"));
    service("hedged").first().plays(Script.behind(gate, Script.answer(200, "first")));
    int before = service("hedged").received().size();

    Sent sent = start(Request.post("http://hedged/", Body.bytes("order")));
    Stories.eventually(() -> assertThat(service("hedged").received()).hasSizeGreaterThan(before));
    gate.open();

    assertThat(sent.outcome().status()).isEqualTo(200);
    assertThat(service("hedged").received()).hasSize(before + 1);
  }

  @Test
  default void anAttemptThatIsAnsweredInTimeIsNotRaced() throws Exception {
    get("http://hedged-late/", 10);

    assertThat(service("hedged-late").received()).hasSize(10);
  }

  @Test
  default void roundRobinTakesOneAfterTheOther() throws Exception {
    get("http://round-robin/", 10);

    assertThat(service("round-robin").backends())
        .allMatch(backend -> backend.received().size() == 5);
  }

  @Test
  default void requestsWithTheSameHashGoToTheSameEndpoint() throws Exception {
    for (String user : List.of("ann", "bob", "cid", "dot", "eve", "fay", "gus", "hal")) {
      String first = send(Request.get("http://hashed/").header("X-User", user)).text();
      String second = send(Request.get("http://hashed/").header("X-User", user)).text();
      assertThat(second).as(user).isEqualTo(first);
    }
    assertThat(service("hashed").backends())
        .filteredOn(backend -> !backend.received().isEmpty())
        .hasSizeGreaterThan(1);
  }

  @Test
  default void aSessionStaysAtItsEndpoint() throws Exception {
    Setup session = Setup.PLAIN.named("session").keepingCookies();
    String first = send(Request.get("http://session/").with(session)).text();

    for (int i = 0; i < 20; i++) {
      assertThat(send(Request.get("http://session/").with(session)).text()).isEqualTo(first);
    }
  }

  @Test
  default void aSessionIsMadeByACookie() throws Exception {
    Outcome outcome = send(Request.get("http://session/").with(Setup.PLAIN.named("none")));

    assertThat(outcome.values("set-cookie")).anyMatch(cookie -> cookie.startsWith("session="));
    Set<String> withoutCookie =
        get("http://session/", 30).stream().map(Outcome::text).collect(Collectors.toSet());
    assertThat(withoutCookie).hasSizeGreaterThan(1);
  }

  @Test
  default void aSessionByAHeaderStaysAtItsBackendAndItsEndpoint() throws Exception {
    for (int i = 0; i < 6; i++) {
      Outcome first = get("http://split/header");
      String key = first.value("x-split").orElseThrow();
      for (int j = 0; j < 6; j++) {
        Outcome later = send(Request.get("http://split/header").header("X-Split", key));
        assertThat(later.text()).isEqualTo(first.text());
      }
    }
  }

  @Test
  default void aSessionByACookieStaysAtItsBackendAndItsEndpoint() throws Exception {
    for (int i = 0; i < 6; i++) {
      Setup session = Setup.PLAIN.named("split-" + i).keepingCookies();
      String first = send(Request.get("http://split/cookie").with(session)).text();
      for (int j = 0; j < 6; j++) {
        assertThat(send(Request.get("http://split/cookie").with(session)).text()).isEqualTo(first);
      }
    }
  }

  @Test
  default void sessionsAreNotGivenToOneBackendAlone() throws Exception {
    Set<String> answering =
        get("http://split/header", 60).stream().map(Outcome::text).collect(Collectors.toSet());

    assertThat(answering).anyMatch(name -> name.startsWith("split-a"));
    assertThat(answering).anyMatch(name -> name.startsWith("split-b"));
  }

  @Test
  default void aMirrorGetsACopy() throws Exception {
    Outcome outcome =
        send(Request.post("http://mirrored/x?y", Body.bytes("order")).header("X-Header", "value"));

    assertAnsweredBy("mirrored-0", outcome);
    Stories.eventually(() -> assertThat(backend("mirror").received()).hasSize(1));
    Received copy = backend("mirror").only();
    assertThat(copy.line()).isEqualTo("POST /x?y HTTP/1.1");
    assertThat(copy.text()).isEqualTo("order");
    assertThat(copy.value("x-header")).hasValue("value");
  }

  @Test
  default void aMirrorThatDoesNotAnswerHarmsNobody() throws Exception {
    backend("mirror-broken").plays(Script.silence());

    assertAnsweredBy("mirrored-broken-0", get("http://mirrored-broken/"));
    Stories.eventually(() -> assertThat(backend("mirror-broken").received()).hasSize(1));
    backend("mirror-broken").leaves();
    for (Outcome outcome : get("http://mirrored-broken/", 5)) {
      assertAnsweredBy("mirrored-broken-0", outcome);
    }
  }

  @Test
  default void aFaultAnswersInsteadOfTheServer() throws Exception {
    Request request = Request.get("http://fault-abort/");

    assertAnsweredByTheMesh(send(request.header("X-Chaos", "yes")), 418, "FI");
    assertThat(backend("fault-abort").received()).isEmpty();
    assertAnsweredBy("fault-abort-0", send(request.header("X-Chaos", "no")));
  }

  @Test
  default void aFaultDelays() throws Exception {
    long start = System.nanoTime();

    assertAnsweredBy("fault-delay-0", get("http://fault-delay/"));

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(390));
  }

  @Test
  default void aDelayCountsForTheTimeout() throws Exception {
    Outcome outcome = get("http://fault-timeout/");

    assertThat(outcome.failures()).isNotEmpty();
    assertThat(backend("fault-timeout").received()).isEmpty();
  }
}
