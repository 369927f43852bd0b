package dev.weft.it.contract;

import static dev.weft.it.contract.Stories.assertAnsweredBy;
import static dev.weft.it.contract.Stories.failure;
import static org.assertj.core.api.Assertions.assertThat;

import clients.Body;
import clients.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** How long requests may take. */
interface TimeoutStories extends Stories {
  static void declare(Declarations policy) throws IOException {
    policy
        .directService("own-timeout")
        .service("request-timeout", 1)
        .route(
            "request-timeout",
            """
            - backendRefs: [{name: request-timeout, port: 80}]
              timeouts: {request: 1s}
            """)
        .service("in-time", 1)
        .route(
            "in-time",
            """
            - backendRefs: [{name: in-time, port: 80}]
              timeouts: {request: 20s, backendRequest: 20s}
            """)
        .service("body-timeout", 1)
        .route(
            "body-timeout",
            """
            - backendRefs: [{name: body-timeout, port: 80}]
              timeouts: {request: 1500ms}
            """)
        .service("attempt-timeout", 1)
        .route(
            "attempt-timeout",
            """
            - backendRefs: [{name: attempt-timeout, port: 80}]
              timeouts: {request: 20s, backendRequest: 1s}
            """)
        .service("attempt-retry", 1)
        .route(
            "attempt-retry",
            """
            - backendRefs: [{name: attempt-retry, port: 80}]
              timeouts: {request: 20s, backendRequest: 1s}
              retry: {codes: [504], attempts: 2, backoff: 1ms}
            """)
        .service("no-timeout", 1)
        .route(
            "no-timeout",
            """
            - backendRefs: [{name: no-timeout, port: 80}]
              timeouts: {request: 0s, backendRequest: 0s}
            """)
        .service("deadline", 1)
        .route(
            "deadline",
            """
            - backendRefs: [{name: deadline, port: 80}]
              timeouts: {request: 20s}
            """)
        .service("deadline-retries", 1)
        .route(
            "deadline-retries",
            """
            - backendRefs: [{name: deadline-retries, port: 80}]
              timeouts: {request: 600ms}
              retry: {codes: [503], attempts: 50, backoff: 200ms}
            """);
  }

  @Test
  default void theApplicationsOwnTimeoutStaysInForce() throws Exception {
    warmOwn();
    backend("own-timeout").plays(Script.silence());

    both("own-timeout", Request.get(direct("own-timeout", "/")).within(300)).failAlike();
  }

  /** The error is the one that the library has for its own timeouts. */
  @Test
  default void aRequestTimeoutEndsACallThatNobodyAnswers() throws Exception {
    warmOwn();
    warm("request-timeout");
    backend("own-timeout").plays(Script.silence());
    backend("request-timeout").plays(Script.silence());
    Outcome own = world().sendPlain(Request.get(direct("own-timeout", "/")).within(300));

    Outcome outcome = get("http://request-timeout/");

    assertThat(failure(own)).isNotEmpty();
    assertThat(failure(outcome)).isEqualTo(failure(own));
    Stories.eventually(() -> assertThat(backend("request-timeout").newestIsOpen()).isFalse());
  }

  @Test
  default void aRequestTimeoutEndsABodyThatStops() throws Exception {
    warm("body-timeout");
    backend("body-timeout")
        .plays(
            turn -> {
              turn.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin");
              turn.awaitEnd();
            });

    Outcome outcome = get("http://body-timeout/");

    assertThat(outcome.failures()).isNotEmpty();
    Stories.eventually(() -> assertThat(backend("body-timeout").newestIsOpen()).isFalse());
  }

  @Test
  default void aCallInTimeIsNotTouchedByItsTimeout() throws Exception {
    assertAnsweredBy("in-time-0", get("http://in-time/"));
    assertAnsweredBy("in-time-0", send(Request.post("http://in-time/", Body.streamed("order"))));
  }

  @Test
  default void anAttemptThatTakesTooLongEnds() throws Exception {
    int before = warm("attempt-timeout");
    backend("attempt-timeout").plays(Script.silence());

    Outcome outcome = get("http://attempt-timeout/");

    assertThat(outcome.failures()).isNotEmpty();
    assertThat(backend("attempt-timeout").received()).hasSize(before + 1);
  }

  @Test
  default void anAttemptThatTakesTooLongIsRepeatedWhereTheRuleSaysSo() throws Exception {
    Backend backend = backend("attempt-retry");
    int before = warm("attempt-retry");
    backend.playsInTurn(Script.silence(), Script.silence(), Script.answer(200, "third"));

    Outcome outcome = get("http://attempt-retry/");

    assertThat(outcome.text()).isEqualTo("third");
    assertThat(backend.received()).hasSize(before + 3);
  }

  @Test
  default void aTimeoutOfZeroIsNone() throws Exception {
    Gate gate = new Gate();
    backend("no-timeout").plays(Script.behind(gate, Script.answer(200, "at last")));

    Sent sent = start(Request.get("http://no-timeout/"));
    Stories.eventually(() -> assertThat(backend("no-timeout").received()).hasSize(1));
    assertThat(sent.ended()).isFalse();
    gate.open();

    assertThat(sent.outcome().text()).isEqualTo("at last");
  }

  @Test
  default void theRemainingTimeIsToldToTheServer() throws Exception {
    get("http://deadline/");

    assertThat(backend("deadline").only().value("x-envoy-expected-rq-timeout-ms"))
        .get()
        .satisfies(millis -> assertThat(Integer.parseInt(millis)).isBetween(1, 20_000));
  }

  @Test
  default void aPassedDeadlineEndsRetries() throws Exception {
    int before = warm("deadline-retries");
    backend("deadline-retries").plays(Script.answer(503, "no"));

    send(Request.of("PUT", "http://deadline-retries/").with(Body.bytes("x")));

    assertAnsweredBy("in-time-0", get("http://in-time/")); // time for what was on its way
    int sent = backend("deadline-retries").received().size();
    assertThat(sent - before).isBetween(1, 49);
    assertAnsweredBy("in-time-0", get("http://in-time/")); // time for one that must not come
    assertThat(backend("deadline-retries").received()).hasSize(sent);
  }

  /**
   * Calls until it is answered in time: a JVM that has just started on a busy machine may not even
   * connect within such a timeout, which libraries call something else.
   *
   * @return how many requests its only endpoint has got
   */
  private int warm(String service) {
    backend(service).plays(Script.answer(200, "warm"));
    Stories.eventually(() -> assertThat(get("http://" + service + "/").text()).isEqualTo("warm"));
    return backend(service).received().size();
  }

  /** The same for both programs and the application's own timeout. */
  private void warmOwn() throws IOException, InterruptedException {
    backend("own-timeout").plays(Script.answer(200, "warm"));
    both("own-timeout", Request.get(direct("own-timeout", "/"))).areEqual();
  }
}
