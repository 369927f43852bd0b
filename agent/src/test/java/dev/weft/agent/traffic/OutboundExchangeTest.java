package dev.weft.agent.traffic;

import static dev.weft.agent.traffic.Samples.endpoint;
import static dev.weft.agent.traffic.Samples.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.Verdict;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteActions.Fault;
import dev.weft.policy.RouteActions.Retry;
import dev.weft.policy.RouteActions.Rewrite;
import dev.weft.policy.TrafficPolicy;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutboundExchangeTest {
  private static final ConnectException REFUSED = new ConnectException("Connection refused");

  private final Exchanges exchanges = new Exchanges(Map.of("traceparent", "00-1-2-01"));
  private final Clock clock = exchanges.clock;
  private final ClientTraffic traffic = exchanges.traffic;
  private final List<ClientOutcome> outcomes = exchanges.outcomes;
  private final Endpoint one = endpoint(1);
  private final Endpoint two = endpoint(2);
  private final Endpoint three = endpoint(3);

  private OutboundExchange exchange(
      Samples.Request request, Optional<Duration> whole, Optional<Duration> backend) {
    return exchange(request, whole, backend, Decision.Delivery.DEFAULT);
  }

  private OutboundExchange exchange(
      Samples.Request request,
      Optional<Duration> whole,
      Optional<Duration> backend,
      Decision.Delivery delivery) {
    List<Endpoint> endpoints = List.of(one, two, three);
    Decision.Forward decision =
        new Decision.Forward(
            "HTTPRoute default/pay",
            service(one, two, three),
            endpoints,
            List.of(new HeaderEdit(HeaderEdit.Kind.SET, "x-tier", "gold")),
            List.of(new HeaderEdit(HeaderEdit.Kind.REMOVE, "server", "")),
            whole,
            backend,
            delivery);
    return exchanges.of(request, decision);
  }

  private OutboundExchange by(RouteActions actions, TrafficPolicy... policies) {
    return exchange(
        Samples.Request.get(),
        Optional.empty(),
        Optional.empty(),
        new Decision.Delivery("default/pay:80", actions, List.of(policies), List.of()));
  }

  private static RouteActions retrying(int attempts, Integer... codes) {
    Retry retry =
        new Retry(
            Optional.of(attempts), List.of(codes), List.of(), Optional.empty(), Optional.empty());
    return RouteActions.NONE.with(Optional.of(retry), Optional.empty());
  }

  private static TrafficPolicy limited(Optional<Integer> requests, Optional<Integer> retries) {
    return policy(
        Optional.of(
            new TrafficPolicy.RequestLimits(
                Optional.empty(), requests, retries, Optional.empty(), Optional.empty())),
        Optional.empty());
  }

  private static TrafficPolicy circuit(int failurePercent, int minRequests, int probes) {
    return policy(
        Optional.empty(),
        Optional.of(
            new TrafficPolicy.Circuit(
                failurePercent,
                minRequests,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                probes)));
  }

  private static TrafficPolicy policy(
      Optional<TrafficPolicy.RequestLimits> limits, Optional<TrafficPolicy.Circuit> circuit) {
    return new TrafficPolicy(
        "ResiliencePolicy default/pay",
        List.of(),
        Optional.empty(),
        limits,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        circuit);
  }

  private OutboundExchange get() {
    return exchange(Samples.Request.get(), Optional.empty(), Optional.empty());
  }

  private static String dialled(Attempt attempt) {
    return attempt.address().getAddress().getHostAddress();
  }

  private int inFlight() {
    return traffic.choice().load(one).inFlight()
        + traffic.choice().load(two).inFlight()
        + traffic.choice().load(three).inFlight();
  }

  @Test
  void dialsAnEndpointUnderTheNameThatTheApplicationCalled() {
    Attempt attempt = (Attempt) get().first();

    assertThat(attempt.address().getHostString()).isEqualTo("pay");
    assertThat(dialled(attempt)).startsWith("10.0.0.");
    assertThat(attempt.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(attempt.timeout()).isEmpty();
  }

  @Test
  void editsHeadersByPolicyThenAddsTheTrace() {
    Attempt attempt = (Attempt) get().first();

    assertThat(attempt.requestHeaders())
        .containsExactly(
            new HeaderChange(HeaderChange.Kind.SET, "x-tier", "gold"),
            new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-1-2-01"));
  }

  @Test
  void triesThreeDifferentEndpointsAndNoMore() {
    OutboundExchange exchange = get();
    List<String> dialled = new ArrayList<>();
    for (Attempt next = (Attempt) exchange.first();
        next != null;
        next = (Attempt) exchange.retry(next, REFUSED, Progress.UNSENT)) {
      dialled.add(dialled(next));
    }
    exchange.end(REFUSED);

    assertThat(dialled).doesNotHaveDuplicates().hasSize(3);
    assertThat(inFlight()).isZero();
    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.get(0).flags()).isEqualTo("UF,URX");
    assertThat(outcomes.get(0).resends()).isEqualTo(2);
  }

  @Test
  void doesNotRepeatAPostThatWasSent() {
    OutboundExchange exchange =
        exchange(Samples.Request.post(), Optional.empty(), Optional.empty());
    Attempt sent = (Attempt) exchange.first();

    assertThat(exchange.retry(sent, new SocketException("reset"), Progress.SENT)).isNull();
  }

  @Test
  void leavesAFailedEndpointAloneForAWhile() {
    OutboundExchange exchange = get();
    Attempt first = (Attempt) exchange.first();
    String failed = dialled(first);
    exchange.retry(first, REFUSED, Progress.UNSENT);
    exchange.end(null);

    for (int i = 0; i < 30; i++) {
      OutboundExchange later = get();
      Attempt attempt = (Attempt) later.first();
      assertThat(dialled(attempt)).isNotEqualTo(failed);
      later.responded(attempt, 200, name -> List.of());
      later.end(null);
    }
  }

  @Test
  void boundsAllAttemptsByTheRequestTimeout() {
    OutboundExchange exchange =
        exchange(Samples.Request.get(), Optional.of(Duration.ofSeconds(1)), Optional.empty());
    Attempt first = (Attempt) exchange.first();
    clock.pass(Duration.ofMillis(400));

    Attempt second = (Attempt) exchange.retry(first, REFUSED, Progress.UNSENT);
    assertThat(second).isNotNull();
    assertThat(second.timeout().orElseThrow().plus(second.pause()))
        .isEqualTo(Duration.ofMillis(600));

    clock.pass(Duration.ofMillis(600));
    assertThat(exchange.expired()).isTrue();
    assertThat(exchange.retry(second, REFUSED, Progress.UNSENT)).isNull();
    exchange.end(new HttpTimeoutException("late"));
    assertThat(outcomes.get(0).flags()).isEqualTo("UT");
    assertThat(exchange.timeoutMessage()).contains("UT", "HTTPRoute default/pay");
  }

  @Test
  void boundsOneAttemptByTheBackendTimeout() {
    OutboundExchange exchange =
        exchange(
            Samples.Request.get(),
            Optional.of(Duration.ofSeconds(5)),
            Optional.of(Duration.ofSeconds(1)));

    assertThat(((Attempt) exchange.first()).timeout()).contains(Duration.ofSeconds(1));
    assertThat(exchange.remaining()).contains(Duration.ofSeconds(5));
  }

  @Test
  void neverExtendsTheApplicationsOwnTimeout() {
    Samples.Request hurried = Samples.Request.get().within(Duration.ofMillis(300));
    OutboundExchange exchange =
        exchange(hurried, Optional.of(Duration.ofSeconds(5)), Optional.empty());

    Attempt first = (Attempt) exchange.first();
    assertThat(first.timeout()).contains(Duration.ofMillis(300));
    clock.pass(Duration.ofMillis(300));
    assertThat(exchange.expired()).isFalse();
    assertThat(exchange.retry(first, REFUSED, Progress.UNSENT)).isNull();
  }

  @Test
  void takesAnOverloadedEndpointsRetryAfterSeriously() {
    OutboundExchange exchange = get();
    Attempt first = (Attempt) exchange.first();
    String overloaded = dialled(first);
    exchange.responded(first, 503, name -> name.equals("Retry-After") ? List.of("3") : List.of());
    exchange.end(null);

    for (int i = 0; i < 30; i++) {
      OutboundExchange later = get();
      assertThat(dialled((Attempt) later.first())).isNotEqualTo(overloaded);
      later.end(null);
    }
  }

  @Test
  void handsOutTheResponsesEditsAndReportsTheOutcomeOnce() {
    OutboundExchange exchange = get();
    Attempt first = (Attempt) exchange.first();

    assertThat(exchange.responded(first, 201, name -> List.of()))
        .isEqualTo(new Deliver(List.of(new HeaderChange(HeaderChange.Kind.REMOVE, "server", ""))));
    exchange.end(null);
    exchange.end(REFUSED);

    assertThat(inFlight()).isZero();
    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.get(0).status()).isEqualTo(201);
    assertThat(outcomes.get(0).flags()).isEqualTo("-");
  }

  @Test
  void startsNoAttemptAfterTheEnd() {
    OutboundExchange exchange = get();
    Attempt first = (Attempt) exchange.first();
    exchange.end(new HttpTimeoutException("late"));

    assertThat(exchange.retry(first, REFUSED, Progress.UNSENT)).isNull();
    assertThat(inFlight()).isZero();
  }

  private static Verdict answered(OutboundExchange exchange, Attempt attempt, int status) {
    return exchange.responded(attempt, status, name -> List.of());
  }

  @Test
  void anAnswerThatTheRuleNamesIsDroppedForAnotherEndpoints() {
    OutboundExchange exchange = by(retrying(2, 503));
    Attempt first = (Attempt) exchange.first();
    Verdict verdict = answered(exchange, first, 503);
    assertThat(verdict).isInstanceOf(Attempt.class);
    assertThat(dialled((Attempt) verdict)).isNotEqualTo(dialled(first));

    assertThat(answered(exchange, (Attempt) verdict, 200)).isInstanceOf(Deliver.class);
    exchange.end(null);
    assertThat(inFlight()).isZero();
    assertThat(outcomes.get(0).status()).isEqualTo(200);
    assertThat(outcomes.get(0).flags()).isEqualTo("-");
    assertThat(outcomes.get(0).resends()).isEqualTo(1);
  }

  @Test
  void theLastAnswerIsDeliveredWhenNoAttemptIsLeft() {
    OutboundExchange exchange = by(retrying(1, 503));
    Verdict verdict = answered(exchange, (Attempt) exchange.first(), 503);
    assertThat(answered(exchange, (Attempt) verdict, 503)).isInstanceOf(Deliver.class);
    exchange.end(null);
    assertThat(outcomes.get(0).flags()).isEqualTo("URX");
  }

  @Test
  void aRuleWithoutAttemptsRepeatsNothingAtAll() {
    OutboundExchange exchange = by(retrying(0, 503));
    Attempt first = (Attempt) exchange.first();
    assertThat(exchange.retry(first, REFUSED, Progress.UNSENT)).isNull();
  }

  @Test
  void aBudgetThatIsSpentDeliversTheOriginalAnswer() {
    for (int i = 0; i < 10; i++) { // ten a second are always allowed
      OutboundExchange exchange = by(retrying(1, 503));
      assertThat(answered(exchange, (Attempt) exchange.first(), 503)).isInstanceOf(Attempt.class);
      exchange.end(null);
    }
    OutboundExchange exchange = by(retrying(1, 503));
    assertThat(answered(exchange, (Attempt) exchange.first(), 503)).isInstanceOf(Deliver.class);
    clock.pass(Duration.ofSeconds(1));
    exchange = by(retrying(1, 503));
    assertThat(answered(exchange, (Attempt) exchange.first(), 503)).isInstanceOf(Attempt.class);
  }

  /** One retry in the window, and that has been made. */
  private TrafficPolicy spent(Optional<Integer> overspent) {
    TrafficPolicy policy =
        new TrafficPolicy(
            "XBackendTrafficPolicy default/pay",
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new TrafficPolicy.RetryBudget(0, Duration.ofSeconds(10), 1, overspent)),
            Optional.empty());
    OutboundExchange exchange = by(retrying(1, 503), policy);
    assertThat(answered(exchange, (Attempt) exchange.first(), 503)).isInstanceOf(Attempt.class);
    exchange.end(null);
    outcomes.clear();
    return policy;
  }

  @Test
  void aBudgetOfTheStandardThatIsSpentAnswers503InPlaceOfTheResponse() {
    OutboundExchange exchange = by(retrying(1, 502), spent(Optional.of(503)));

    Verdict verdict = answered(exchange, (Attempt) exchange.first(), 502);

    assertThat(verdict)
        .isInstanceOfSatisfying(
            LocalReply.class,
            reply -> {
              assertThat(reply.status()).isEqualTo(503);
              assertThat(reply.reasonValue()).isEqualTo("UO; XBackendTrafficPolicy default/pay");
            });
    exchange.end(null);
    assertThat(inFlight()).isZero();
    assertThat(outcomes.get(0).status()).isEqualTo(503);
    assertThat(outcomes.get(0).flags()).isEqualTo("UO");
    assertThat(outcomes.get(0).rule()).isEqualTo("XBackendTrafficPolicy default/pay");
    assertThat(outcomes.get(0).endpoint()).isNotNull();
  }

  @Test
  void aBudgetOfTheStandardThatIsSpentAnswers503InPlaceOfAnError() {
    OutboundExchange exchange = by(RouteActions.NONE, spent(Optional.of(503)));

    Step step = exchange.retry((Attempt) exchange.first(), REFUSED, Progress.UNSENT);

    assertThat(step)
        .isInstanceOfSatisfying(
            LocalReply.class, reply -> assertThat(reply.status()).isEqualTo(503));
    exchange.end(null);
    assertThat(inFlight()).isZero();
    assertThat(outcomes.get(0).flags()).isEqualTo("UO");
  }

  @Test
  void whatWouldNotBeRepeatedAnywayIsDeliveredOverASpentBudgetToo() {
    TrafficPolicy policy = spent(Optional.of(503));
    OutboundExchange other = by(retrying(1, 503), policy);
    assertThat(answered(other, (Attempt) other.first(), 500)).isInstanceOf(Deliver.class);
    OutboundExchange none = by(retrying(0, 503), policy);
    assertThat(answered(none, (Attempt) none.first(), 503)).isInstanceOf(Deliver.class);
  }

  @Test
  void anyOtherBudgetThatIsSpentDeliversTheOriginal() {
    TrafficPolicy policy = spent(Optional.empty());
    OutboundExchange answered = by(retrying(1, 502), policy);
    assertThat(answered(answered, (Attempt) answered.first(), 502)).isInstanceOf(Deliver.class);
    OutboundExchange failed = by(RouteActions.NONE, policy);
    assertThat(failed.retry((Attempt) failed.first(), REFUSED, Progress.UNSENT)).isNull();
  }

  @Test
  void aCircuitCountsWhatABudgetAnsweredInPlaceOfAnError() {
    TrafficPolicy budget = spent(Optional.of(503));
    TrafficPolicy policy = circuit(50, 4, 1);
    for (int i = 0; i < 4; i++) {
      OutboundExchange exchange = by(RouteActions.NONE, policy, budget);
      exchange.retry((Attempt) exchange.first(), REFUSED, Progress.UNSENT);
      exchange.end(null);
    }
    assertThat(by(RouteActions.NONE, policy, budget).first())
        .isInstanceOfSatisfying(
            LocalReply.class,
            reply -> assertThat(reply.reasonValue()).isEqualTo("UO; ResiliencePolicy default/pay"));
  }

  @Test
  void anAttemptThatIsNotTheCurrentOneChangesNothing() {
    OutboundExchange exchange = by(retrying(2, 503));
    Attempt first = (Attempt) exchange.first();
    Attempt second = (Attempt) answered(exchange, first, 503);
    assertThat(exchange.retry(first, REFUSED, Progress.UNSENT)).isNull();
    assertThat(exchange.retry(second, REFUSED, Progress.UNSENT)).isNotNull();
  }

  @Test
  void requestsBeyondTheLimitAreAnsweredUntilOneHasEnded() {
    TrafficPolicy limited = limited(Optional.of(1), Optional.empty());
    OutboundExchange first = by(RouteActions.NONE, limited);
    assertThat(first.first()).isInstanceOf(Attempt.class);

    OutboundExchange second = by(RouteActions.NONE, limited);
    LocalReply reply = (LocalReply) second.first();
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.reasonValue()).isEqualTo("UO; ResiliencePolicy default/pay");
    second.end(null);
    assertThat(outcomes.get(0).flags()).isEqualTo("UO");

    first.end(null);
    assertThat(by(RouteActions.NONE, limited).first()).isInstanceOf(Attempt.class);
  }

  @Test
  void retriesBeyondTheLimitAreNotMade() {
    TrafficPolicy limited = limited(Optional.empty(), Optional.of(1));
    OutboundExchange one = by(retrying(2, 503), limited);
    OutboundExchange other = by(retrying(2, 503), limited);
    Attempt ofOther = (Attempt) other.first();
    assertThat(answered(one, (Attempt) one.first(), 503)).isInstanceOf(Attempt.class);

    assertThat(answered(other, ofOther, 503)).isInstanceOf(Deliver.class);
    one.end(null);
    other.end(null);
    OutboundExchange third = by(retrying(2, 503), limited);
    assertThat(answered(third, (Attempt) third.first(), 503)).isInstanceOf(Attempt.class);
  }

  @Test
  void aCircuitOpensWhereMostRequestsFailAndClosesAfterAGoodProbe() {
    TrafficPolicy policy = circuit(50, 4, 1);
    for (int i = 0; i < 4; i++) {
      OutboundExchange failing = by(RouteActions.NONE, policy);
      answered(failing, (Attempt) failing.first(), 500);
      failing.end(null);
    }
    OutboundExchange refused = by(RouteActions.NONE, policy);
    assertThat(((LocalReply) refused.first()).flag()).isEqualTo("UO");
    refused.end(null);

    clock.pass(Duration.ofSeconds(31));
    OutboundExchange probe = by(RouteActions.NONE, policy);
    Attempt attempt = (Attempt) probe.first();
    assertThat(by(RouteActions.NONE, policy).first())
        .as("while the probe is under way")
        .isInstanceOf(LocalReply.class);
    answered(probe, attempt, 200);
    probe.end(null);
    assertThat(by(RouteActions.NONE, policy).first()).isInstanceOf(Attempt.class);
  }

  @Test
  void anAnswerWhoseBodyIsReadForLongIsNoFailureOfTheCircuit() {
    TrafficPolicy policy = circuit(50, 4, 1);
    for (int i = 0; i < 4; i++) {
      OutboundExchange streaming =
          exchange(
              Samples.Request.get(),
              Optional.empty(),
              Optional.of(Duration.ofMillis(100)),
              new Decision.Delivery(
                  "default/pay:80", RouteActions.NONE, List.of(policy), List.of()));
      answered(streaming, (Attempt) streaming.first(), 200);
      clock.pass(Duration.ofMillis(500));
      streaming.end(null);
    }

    assertThat(by(RouteActions.NONE, policy).first()).isInstanceOf(Attempt.class);
  }

  @Test
  void aFailedProbeKeepsTheCircuitOpen() {
    TrafficPolicy policy = circuit(60, 2, 2);
    for (int i = 0; i < 2; i++) {
      OutboundExchange failing = by(RouteActions.NONE, policy);
      answered(failing, (Attempt) failing.first(), 503);
      failing.end(null);
    }
    clock.pass(Duration.ofSeconds(31));
    OutboundExchange probe = by(RouteActions.NONE, policy);
    answered(probe, (Attempt) probe.first(), 503);
    probe.end(null);

    assertThat(by(RouteActions.NONE, policy).first()).isInstanceOf(LocalReply.class);
  }

  @Test
  void aDelayMadeOnPurposeIsAPauseBeforeTheFirstAttempt() {
    Fault fault =
        new Fault(
            Optional.of(new RouteActions.Delay(100, Duration.ofSeconds(2))), Optional.empty());
    OutboundExchange exchange = by(RouteActions.NONE.with(Optional.empty(), Optional.of(fault)));
    Attempt attempt = (Attempt) exchange.first();
    assertThat(attempt.pause()).isEqualTo(Duration.ofSeconds(2));
    clock.pass(Duration.ofSeconds(2));
    answered(exchange, attempt, 200);
    exchange.end(null);
    assertThat(outcomes.get(0).flags()).isEqualTo("DI");
  }

  @Test
  void aFailureMadeOnPurposeNeverLeaves() {
    Fault fault =
        new Fault(
            Optional.empty(),
            Optional.of(new RouteActions.Abort(100, Optional.of(418), Optional.empty())));
    OutboundExchange exchange = by(RouteActions.NONE.with(Optional.empty(), Optional.of(fault)));
    LocalReply reply = (LocalReply) exchange.first();
    exchange.end(null);

    assertThat(reply.status()).isEqualTo(418);
    assertThat(reply.reasonValue()).isEqualTo("FI; HTTPRoute default/pay");
    assertThat(outcomes.get(0).endpoint()).isNull();
  }

  @Test
  void someRequestsFailOnPurpose() {
    Fault fault =
        new Fault(
            Optional.empty(),
            Optional.of(new RouteActions.Abort(30, Optional.of(500), Optional.empty())));
    int failed = 0;
    for (int i = 0; i < 1_000; i++) {
      OutboundExchange exchange = by(RouteActions.NONE.with(Optional.empty(), Optional.of(fault)));
      failed += exchange.first() instanceof LocalReply ? 1 : 0;
      exchange.end(null);
    }
    assertThat(failed).isBetween(230, 370);
  }

  @Test
  void asksForWhatTheRuleRewrites() {
    Rewrite rewrite =
        new Rewrite(
            Optional.of("pay.example"),
            Optional.of(new RouteActions.PathChange(RouteActions.PathChangeKind.FULL, "", "/v2")));
    RouteActions actions =
        new RouteActions(
            Optional.empty(),
            Optional.of(rewrite),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    assertThat(((Attempt) by(actions).first()).target())
        .contains(new Target(Optional.of("pay.example"), Optional.of("/v2")));
    assertThat(((Attempt) get().first()).target()).isEmpty();
  }

  @Test
  void aResponseToAnAllowedOriginNamesIt() {
    RouteActions.Cors cors =
        new RouteActions.Cors(
            List.of("https://shop.example.com"),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            false,
            Optional.empty(),
            Optional.empty());
    RouteActions actions =
        new RouteActions(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(cors),
            Optional.empty());
    OutboundExchange exchange =
        exchange(
            Samples.Request.get().with("Origin", "https://shop.example.com"),
            Optional.empty(),
            Optional.empty(),
            new Decision.Delivery("default/pay:80", actions, List.of(), List.of()));

    Deliver deliver = (Deliver) answered(exchange, (Attempt) exchange.first(), 200);

    assertThat(deliver.responseHeaders())
        .startsWith(new HeaderChange(HeaderChange.Kind.REMOVE, "server", ""))
        .contains(
            new HeaderChange(
                HeaderChange.Kind.SET, "Access-Control-Allow-Origin", "https://shop.example.com"),
            new HeaderChange(HeaderChange.Kind.ADD, "Vary", "Origin"));
  }

  @Test
  void tellsTheServerHowLongWeWait() {
    HeaderChange said =
        new HeaderChange(HeaderChange.Kind.SET, "x-envoy-expected-rq-timeout-ms", "1500");
    Optional<Duration> limit = Optional.of(Duration.ofMillis(1500));

    assertThat(
            ((Attempt) exchange(Samples.Request.get(), limit, Optional.empty()).first())
                .requestHeaders())
        .contains(said);
    assertThat(
            ((Attempt)
                    exchange(Samples.Request.get().with(said.name(), "7"), limit, Optional.empty())
                        .first())
                .requestHeaders())
        .as("the application says so itself")
        .noneMatch(change -> change.name().equals(said.name()));
    assertThat(((Attempt) get().first()).requestHeaders())
        .noneMatch(change -> change.name().equals(said.name()));
  }
}
