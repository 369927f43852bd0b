package dev.weft.it.contract;

import static dev.weft.it.contract.Stories.assertAnsweredBy;
import static dev.weft.it.contract.Stories.assertAnsweredByTheMesh;
import static org.assertj.core.api.Assertions.assertThat;

import clients.Body;
import clients.Outcome;
import clients.Setup;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is sent again, and what is not. */
interface RetryStories extends Stories {
  static void declare(Declarations policy) throws IOException {
    policy
        .service("refused", 2)
        .service("reset", 2)
        .service("closed", 2)
        .service("all-refused", 2)
        .directService("refused-directly")
        .service("posted", 2)
        .directService("posted-directly")
        .service("idle", 1)
        .service("race", 1)
        .service("retry-codes", 1)
        .route("retry-codes", retried("retry-codes"))
        .service("retry-number", 1)
        .route("retry-number", retried("retry-number"))
        .service("retry-others", 1)
        .route("retry-others", retried("retry-others"))
        .service("retry-elsewhere", 2)
        .route("retry-elsewhere", retried("retry-elsewhere"))
        .service("retry-body", 1)
        .route("retry-body", retried("retry-body"))
        .service("retry-streamed", 1)
        .route("retry-streamed", retried("retry-streamed"))
        .service("retry-large", 1)
        .route("retry-large", retried("retry-large"))
        .service("retry-budget", 1)
        .route("retry-budget", retried("retry-budget"))
        .policy("ResiliencePolicy", "retry-budget", "retryBudget: {percent: 1, minPerSecond: 1}\n")
        .service("retry-standard", 1)
        .route("retry-standard", retried("retry-standard"))
        .document("retry-standard", budget("retry-standard"))
        .service("retry-standard-error", 1)
        .document("retry-standard-error", budget("retry-standard-error"))
        .service("retry-policy", 1)
        .policy(
            "ResiliencePolicy",
            "retry-policy",
            "retry: {codes: [502], attempts: 1, backoff: 1ms}\n")
        .service("retry-virtual", 1)
        .document(
            "retry-virtual",
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: retry-virtual}
            spec:
              hosts: [retry-virtual]
              http:
              - retries: {attempts: 2, retryOn: "5xx"}
                route: [{destination: {host: retry-virtual}}]
            """);
  }

  private static String retried(String service) {
    return """
    - backendRefs: [{name: %s, port: 80}]
      retry: {codes: [503], attempts: 2, backoff: 1ms}
    """
        .formatted(service);
  }

  /** One retry a second. */
  private static String budget(String service) {
    return """
    apiVersion: gateway.networking.x-k8s.io/v1alpha1
    kind: XBackendTrafficPolicy
    metadata: {name: %s}
    spec:
      targetRefs: [{group: "", kind: Service, name: %s}]
      retryConstraint:
        budget: {percent: 0, interval: 1h}
        minRetryRate: {count: 1, interval: 1s}
    """
        .formatted(service, service);
  }

  @Test
  default void aRefusedConnectionIsMadeElsewhere() throws Exception {
    service("refused").first().leaves();

    for (int i = 0; i < 8; i++) {
      assertAnsweredBy("refused-1", get("http://refused/"));
      assertAnsweredBy("refused-1", send(Request.post("http://refused/", Body.bytes("order"))));
    }
  }

  @Test
  default void aRefusedConnectionLosesNoByteOfAStreamedBody() throws Exception {
    service("refused").first().leaves();
    Body body = Body.streamed("0123456789").times(5_000);

    for (int i = 0; i < 4; i++) {
      assertAnsweredBy("refused-1", send(Request.post("http://refused/streamed", body)));
    }
    assertThat(service("refused").second().received())
        .filteredOn(one -> one.target().equals("/streamed"))
        .hasSize(4)
        .allMatch(one -> one.body().length == 50_000);
  }

  @Test
  default void aGetWhoseConnectionIsResetIsSentElsewhere() throws Exception {
    service("reset").first().plays(Script.reset());

    for (Outcome outcome : get("http://reset/", 10)) {
      assertAnsweredBy("reset-1", outcome);
    }
  }

  @Test
  default void aGetWhoseConnectionIsClosedIsSentElsewhere() throws Exception {
    service("closed").first().plays(Script.close());

    for (Outcome outcome : get("http://closed/", 10)) {
      assertAnsweredBy("closed-1", outcome);
    }
  }

  @Test
  default void refusedByAllItIsTheLibrarysOwnError() throws Exception {
    for (Backend backend : service("all-refused").backends()) {
      backend.leaves();
    }
    backend("refused-directly").leaves();
    Outcome plain = world().sendPlain(Request.get(direct("refused-directly", "/")));

    Outcome outcome = get("http://all-refused/");

    assertThat(plain.failures()).isNotEmpty();
    assertThat(Stories.failure(outcome)).isEqualTo(Stories.failure(plain));
  }

  /** Some libraries repeat it themselves; the mesh adds nothing. */
  @Test
  default void aPostWhoseBytesWereSentIsNotRepeated() throws Exception {
    backend("posted-directly").plays(Script.close());
    service("posted").play(Script.close());
    Outcome plain =
        world().sendPlain(Request.post(direct("posted-directly", "/"), Body.bytes("order")));

    Outcome outcome = send(Request.post("http://posted/", Body.bytes("order")));

    assertThat(Stories.failure(outcome)).isNotEmpty().isEqualTo(Stories.failure(plain));
    assertThat(service("posted").received()).hasSameSizeAs(backend("posted-directly").received());
  }

  @Test
  default void aConnectionThatWasClosedWhileIdleIsNoError() throws Exception {
    Backend idle = backend("idle");
    for (int i = 0; i < 8; i++) { // no more than the budget allows in any second
      assertAnsweredBy("idle-0", get("http://idle/"));
      idle.closeConnections();
    }
  }

  /** The server closes just as the second request is on its way. */
  @Test
  default void aConnectionThatIsClosedAsItIsUsedIsNoError() throws Exception {
    backend("race")
        .plays(
            turn -> {
              if (turn.request().target().equals("/second") && turn.requestsBefore() > 0) {
                turn.close();
              } else {
                turn.answer(200, "race-0");
              }
            });
    Setup own = Setup.PLAIN.named("race");
    for (int i = 0; i < 8; i++) { // no more than the budget allows in any second
      assertAnsweredBy("race-0", send(Request.get("http://race/first").with(own)));
      assertAnsweredBy("race-0", send(Request.get("http://race/second").with(own)));
    }
  }

  @Test
  default void aStatusThatARuleNamesIsRetried() throws Exception {
    backend("retry-codes")
        .playsInTurn(
            Script.answer(503, "first"), Script.answer(503, "second"), Script.answer(200, "third"));

    Outcome outcome = get("http://retry-codes/");

    assertThat(outcome.text()).isEqualTo("third");
    assertThat(outcome.status()).isEqualTo(200);
    assertThat(backend("retry-codes").received()).hasSize(3);
  }

  @Test
  default void retriesEndWithTheirNumberAndShowTheLastAnswer() throws Exception {
    backend("retry-number").plays(Script.answer(503, "no", "X-Own", "yes"));

    Outcome outcome = get("http://retry-number/");

    assertThat(outcome.status()).isEqualTo(503);
    assertThat(outcome.text()).isEqualTo("no");
    assertThat(outcome.value("x-own")).hasValue("yes");
    assertThat(backend("retry-number").received()).hasSize(3);
  }

  @Test
  default void aStatusThatNoRuleNamesIsNotRetried() throws Exception {
    backend("retry-others").plays(Script.answer(500, "broken"));

    assertThat(get("http://retry-others/").text()).isEqualTo("broken");

    assertThat(backend("retry-others").received()).hasSize(1);
  }

  @Test
  default void aRetryGoesToAnotherEndpoint() throws Exception {
    service("retry-elsewhere").first().plays(Script.answer(503, "no"));

    for (Outcome outcome : get("http://retry-elsewhere/", 10)) {
      assertAnsweredBy("retry-elsewhere-1", outcome);
    }
  }

  @Test
  default void aRetriedRequestHasItsBodyAgain() throws Exception {
    backend("retry-body").playsInTurn(Script.answer(503, "no"), Script.answer(200, "yes"));
    Body body = Body.bytes("0123456789").times(1_000);

    Outcome outcome = send(Request.of("PUT", "http://retry-body/").with(body));

    assertThat(outcome.text()).isEqualTo("yes");
    assertThat(backend("retry-body").received())
        .hasSize(2)
        .allMatch(one -> one.body().length == 10_000);
  }

  @Test
  default void aStreamedBodyThatWasSentIsNotRepeated() throws Exception {
    backend("retry-streamed").playsInTurn(Script.answer(503, "no"), Script.answer(200, "yes"));

    Outcome outcome =
        send(Request.of("PUT", "http://retry-streamed/").with(Body.streamed("order")));

    assertThat(outcome.text()).isEqualTo("no");
    assertThat(outcome.status()).isEqualTo(503);
    assertThat(backend("retry-streamed").received()).hasSize(1);
  }

  @Test
  default void aBodyOfMoreThan64KibIsNotRepeated() throws Exception {
    backend("retry-large").playsInTurn(Script.answer(503, "no"), Script.answer(200, "yes"));
    Body body = Body.bytes("0123456789").times(7_000);

    Outcome outcome = send(Request.of("PUT", "http://retry-large/").with(body));

    assertThat(outcome.text()).isEqualTo("no");
    assertThat(backend("retry-large").received()).hasSize(1);
  }

  @Test
  default void aSpentBudgetEndsRetries() throws Exception {
    backend("retry-budget").plays(Script.answer(503, "no"));

    List<Outcome> outcomes = get("http://retry-budget/", 40);

    assertThat(outcomes).allMatch(outcome -> outcome.status() == 503);
    // At least one is always allowed; all of them would have been 120.
    assertThat(backend("retry-budget").received()).hasSizeBetween(41, 80);
  }

  @Test
  default void aSpentBudgetOfTheStandardAnswers503() throws Exception {
    Backend backend = backend("retry-standard");
    backend.plays(Script.answer(503, "no", "X-Own", "yes"));
    get("http://retry-standard/"); // whose retry spends the budget of this second, or finds it
    // spent

    Stories.eventually(
        () -> {
          Outcome outcome = get("http://retry-standard/");
          assertAnsweredByTheMesh(outcome, 503, "UO");
          assertThat(outcome.value("x-own")).isEmpty();
        });

    backend.plays(Script.answer(500, "another"));
    assertThat(get("http://retry-standard/").text()).as("no retry").isEqualTo("another");
    assertThat(backend.open()).isLessThanOrEqualTo(2);
  }

  /** Also where nothing was answered at all. */
  @Test
  default void aSpentBudgetOfTheStandardAnswers503InPlaceOfAnError() throws Exception {
    backend("retry-standard-error").leaves();

    Stories.eventually(
        () -> assertAnsweredByTheMesh(get("http://retry-standard-error/"), 503, "UO"));
  }

  @Test
  default void aResiliencePolicyRetriesToo() throws Exception {
    backend("retry-policy").playsInTurn(Script.answer(502, "no"), Script.answer(200, "yes"));

    assertThat(get("http://retry-policy/").text()).isEqualTo("yes");
  }

  @Test
  default void aVirtualServiceRetriesToo() throws Exception {
    backend("retry-virtual")
        .playsInTurn(Script.answer(500, "no"), Script.answer(502, "no"), Script.answer(200, "yes"));

    assertThat(get("http://retry-virtual/").text()).isEqualTo("yes");
  }
}
