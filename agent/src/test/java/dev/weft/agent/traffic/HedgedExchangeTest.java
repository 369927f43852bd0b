package dev.weft.agent.traffic;

import static dev.weft.agent.traffic.Samples.endpoint;
import static dev.weft.agent.traffic.Samples.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Drop;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.OutboundRequest.Body;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteActions.Retry;
import dev.weft.policy.RouteActions.SessionKind;
import dev.weft.policy.RouteActions.SessionPersistence;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Circuit;
import dev.weft.policy.TrafficPolicy.Hedging;
import dev.weft.policy.TrafficPolicy.RequestLimits;
import dev.weft.policy.TrafficPolicy.RetryBudget;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** Requests of which a second attempt is sent before the first is answered. */
class HedgedExchangeTest {
  private static final Duration DELAY = Duration.ofMillis(50);
  private static final SocketException RESET = new SocketException("reset");
  private static final SessionPersistence SESSION =
      new SessionPersistence(SessionKind.COOKIE, "shop", Optional.empty(), Optional.empty(), false);

  private final Exchanges exchanges = new Exchanges(Map.of());
  private final Clock clock = exchanges.clock;
  private final ClientTraffic traffic = exchanges.traffic;
  private final List<ClientOutcome> outcomes = exchanges.outcomes;
  private final List<Endpoint> three = List.of(endpoint(1), endpoint(2), endpoint(3));

  private static TrafficPolicy policy(
      int attempts,
      Optional<RequestLimits> limits,
      Optional<RetryBudget> budget,
      Optional<Circuit> circuit) {
    return new TrafficPolicy(
        "ResiliencePolicy default/pay",
        List.of(),
        Optional.empty(),
        limits,
        Optional.empty(),
        budget,
        Optional.empty(),
        Optional.empty(),
        Optional.of(new Hedging(DELAY, attempts)),
        circuit);
  }

  private static TrafficPolicy hedging(int attempts) {
    return policy(attempts, Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static TrafficPolicy limited(Optional<Integer> requests, Optional<Integer> retries) {
    RequestLimits limits =
        new RequestLimits(Optional.empty(), requests, retries, Optional.empty(), Optional.empty());
    return policy(1, Optional.of(limits), Optional.empty(), Optional.empty());
  }

  private OutboundExchange exchange(
      Samples.Request request,
      List<Endpoint> endpoints,
      Optional<Duration> whole,
      RouteActions actions,
      TrafficPolicy policy) {
    Decision.Forward decision =
        new Decision.Forward(
            "HTTPRoute default/pay",
            service(endpoints.toArray(Endpoint[]::new)),
            endpoints,
            List.of(),
            List.of(),
            whole,
            Optional.empty(),
            new Decision.Delivery("default/pay:80", actions, List.of(policy), List.of()));
    return exchanges.of(request, decision);
  }

  private OutboundExchange get(TrafficPolicy policy) {
    return exchange(Samples.Request.get(), three, Optional.empty(), RouteActions.NONE, policy);
  }

  private OutboundExchange retrying503() {
    Retry retry =
        new Retry(Optional.of(1), List.of(503), List.of(), Optional.empty(), Optional.empty());
    RouteActions actions = RouteActions.NONE.with(Optional.of(retry), Optional.empty());
    return exchange(Samples.Request.get(), three, Optional.empty(), actions, hedging(1));
  }

  private static Verdict answered(OutboundExchange exchange, Attempt attempt, int status) {
    return exchange.responded(attempt, status, name -> List.of());
  }

  private static String dialled(Attempt attempt) {
    return attempt.address().getAddress().getHostAddress();
  }

  private int inFlight() {
    return three.stream().mapToInt(one -> traffic.choice().load(one).inFlight()).sum();
  }

  @Test
  void anUnansweredAttemptGetsARivalAtAnotherEndpoint() {
    OutboundExchange exchange = get(hedging(2));
    Attempt first = (Attempt) exchange.first();
    assertThat(exchange.hedgeDelay()).contains(DELAY);

    Attempt second = exchange.hedge(first);
    Attempt third = exchange.hedge(second);

    assertThat(List.of(dialled(first), dialled(second), dialled(third))).doesNotHaveDuplicates();
    assertThat(second.pause()).isZero();
    assertThat(inFlight()).isEqualTo(3);
    assertThat(exchange.hedge(third)).as("more than the policy wants").isNull();
    exchange.end(new CancellationException());
    assertThat(inFlight()).isZero();
  }

  @Test
  void onlyTheNewestAttemptGetsARival() {
    OutboundExchange exchange = get(hedging(2));
    Attempt first = (Attempt) exchange.first();
    Attempt second = exchange.hedge(first);
    assertThat(exchange.hedge(first)).isNull();
    assertThat(exchange.hedge(second)).isNotNull();
  }

  @Test
  void theFirstAnswerWinsAndNothingElseCounts() {
    OutboundExchange exchange = get(hedging(1));
    Attempt first = (Attempt) exchange.first();
    Attempt rival = exchange.hedge(first);

    assertThat(answered(exchange, rival, 200)).isInstanceOf(Deliver.class);
    assertThat(inFlight()).as("the loser's place is free").isEqualTo(1);
    assertThat(answered(exchange, first, 500)).isEqualTo(Drop.INSTANCE);
    assertThat(exchange.retry(first, new CancellationException(), Progress.SENT))
        .isEqualTo(Drop.INSTANCE);
    assertThat(exchange.hedge(rival)).as("there is an answer").isNull();
    exchange.end(null);

    assertThat(inFlight()).isZero();
    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.get(0).status()).isEqualTo(200);
    assertThat(outcomes.get(0).flags()).isEqualTo("-");
    assertThat(outcomes.get(0).resends()).isEqualTo(1);
    assertThat(outcomes.get(0).endpoint().address()).isEqualTo(dialled(rival));
  }

  @Test
  void theFirstAttemptMayWinAsWell() {
    OutboundExchange exchange = get(hedging(1));
    Attempt first = (Attempt) exchange.first();
    Attempt rival = exchange.hedge(first);
    assertThat(answered(exchange, first, 200)).isInstanceOf(Deliver.class);
    assertThat(answered(exchange, rival, 200)).isEqualTo(Drop.INSTANCE);
    exchange.end(null);
    assertThat(outcomes.get(0).endpoint().address()).isEqualTo(dialled(first));
  }

  @Test
  void balancingLearnsHowSlowTheLoserIsAtLeast() {
    OutboundExchange exchange = get(hedging(1));
    Attempt first = (Attempt) exchange.first();
    clock.pass(Duration.ofSeconds(2));
    answered(exchange, exchange.hedge(first), 200);
    exchange.end(null);

    double cost =
        three.stream()
            .filter(one -> one.address().equals(dialled(first)))
            .mapToDouble(one -> traffic.choice().load(one).cost(clock.getAsLong()))
            .findFirst()
            .orElseThrow();
    assertThat(cost).isGreaterThanOrEqualTo(Duration.ofSeconds(2).toNanos());
  }

  @Test
  void aFailureWaitsForTheRivalAndTheLastOneIsJudgedAsEver() {
    OutboundExchange exchange = get(hedging(1));
    Attempt first = (Attempt) exchange.first();
    Attempt rival = exchange.hedge(first);
    assertThat(exchange.retry(rival, RESET, Progress.SENT)).isEqualTo(Drop.INSTANCE);

    Step third = exchange.retry(first, RESET, Progress.SENT);

    assertThat(third).isInstanceOf(Attempt.class);
    assertThat(dialled((Attempt) third)).isNotIn(dialled(first), dialled(rival));
    assertThat(answered(exchange, (Attempt) third, 200)).isInstanceOf(Deliver.class);
    exchange.end(null);
    assertThat(outcomes.get(0).resends()).isEqualTo(2);
    assertThat(inFlight()).isZero();
  }

  @Test
  void anAnswerThatTheRuleNamesWaitsForTheRival() {
    OutboundExchange exchange = retrying503();
    Attempt first = (Attempt) exchange.first();
    Attempt rival = exchange.hedge(first);
    assertThat(answered(exchange, rival, 503)).isEqualTo(Drop.INSTANCE);
    assertThat(answered(exchange, first, 200)).isInstanceOf(Deliver.class);
    exchange.end(null);
    assertThat(outcomes.get(0).status()).isEqualTo(200);
    assertThat(inFlight()).isZero();
  }

  @Test
  void andTheLastSuchAnswerIsRepeated() {
    OutboundExchange exchange = retrying503();
    Attempt first = (Attempt) exchange.first();
    Attempt rival = exchange.hedge(first);
    answered(exchange, rival, 503);
    assertThat(answered(exchange, first, 503)).isInstanceOf(Attempt.class);
  }

  @Test
  void onlyRequestsThatMayArriveTwiceAreRaced() {
    for (String method : List.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")) {
      assertThat(delay(method, Body.NONE)).as(method).contains(DELAY);
      assertThat(delay(method, Body.REPLAYABLE)).as(method).contains(DELAY);
      assertThat(delay(method, Body.ONCE)).as(method).isEmpty();
    }
    for (String method : List.of("POST", "PATCH", "CONNECT", "get")) {
      assertThat(delay(method, Body.NONE)).as(method).isEmpty();
    }
  }

  @Test
  void whatOpensAWebSocketIsNotRaced() {
    assertThat(delay(upgrading("WebSocket"))).isEmpty();
    assertThat(delay(upgrading("h2c"))).contains(DELAY);
  }

  private static Samples.Request upgrading(String protocol) {
    return new Samples.Request("GET", Body.NONE, Optional.empty(), Map.of("upgrade", protocol));
  }

  private Optional<Duration> delay(String method, Body body) {
    return delay(new Samples.Request(method, body, Optional.empty(), Map.of()));
  }

  private Optional<Duration> delay(Samples.Request request) {
    OutboundExchange exchange =
        exchange(request, three, Optional.empty(), RouteActions.NONE, hedging(1));
    clock.pass(Duration.ofSeconds(1)); // whose budget is new
    Attempt first = (Attempt) exchange.first();
    Optional<Duration> delay = exchange.hedgeDelay();
    assertThat(exchange.hedge(first) != null).isEqualTo(delay.isPresent());
    exchange.end(null);
    return delay;
  }

  @Test
  void oneEndpointOrASessionIsNotRaced() {
    List<Endpoint> one = List.of(endpoint(1));
    OutboundExchange alone =
        exchange(Samples.Request.get(), one, Optional.empty(), RouteActions.NONE, hedging(1));
    assertThat(alone.hedge((Attempt) alone.first())).isNull();
    assertThat(alone.hedgeDelay()).isEmpty();
    RouteActions sticky =
        new RouteActions(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(SESSION));
    OutboundExchange session =
        exchange(Samples.Request.get(), three, Optional.empty(), sticky, hedging(1));
    assertThat(session.hedge((Attempt) session.first())).isNull();
    assertThat(session.hedgeDelay()).isEmpty();
  }

  @Test
  void aSpentBudgetEndsRaces() {
    TrafficPolicy poor =
        policy(
            1,
            Optional.empty(),
            Optional.of(new RetryBudget(0, Duration.ofSeconds(10), 1)),
            Optional.empty());
    OutboundExchange one = get(poor);
    OutboundExchange other = get(poor);
    Attempt ofOther = (Attempt) other.first();
    assertThat(one.hedge((Attempt) one.first())).isNotNull();
    assertThat(other.hedge(ofOther)).isNull();
    assertThat(inFlight()).isEqualTo(3);
    clock.pass(Duration.ofSeconds(1));
    assertThat(other.hedge(ofOther)).isNotNull();
  }

  @Test
  void aRivalThatTheBudgetRefusesTakesNobodysPlace() {
    TrafficPolicy poor =
        policy(
            1,
            Optional.of(
                new RequestLimits(
                    Optional.empty(),
                    Optional.of(2),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty())),
            Optional.of(new RetryBudget(0, Duration.ofSeconds(10), 0)),
            Optional.empty());
    OutboundExchange one = get(poor);
    assertThat(one.hedge((Attempt) one.first())).isNull();
    assertThat(get(poor).first()).isInstanceOf(Attempt.class);
  }

  @Test
  void rivalsCountForTheLimitsUntilTheRequestHasEnded() {
    for (TrafficPolicy policy :
        List.of(
            limited(Optional.of(2), Optional.empty()), limited(Optional.empty(), Optional.of(1)))) {
      OutboundExchange one = get(policy);
      one.hedge((Attempt) one.first());
      OutboundExchange other = get(policy);
      Step ofOther = other.first();
      assertThat(ofOther instanceof LocalReply || other.hedge((Attempt) ofOther) == null).isTrue();
      one.end(null);
      other.end(null);

      OutboundExchange third = get(policy);
      assertThat(third.hedge((Attempt) third.first())).isNotNull();
      third.end(null);
    }
  }

  @Test
  void aCircuitThatProbesIsProbedOnce() {
    TrafficPolicy policy =
        policy(
            1,
            Optional.empty(),
            Optional.empty(),
            Optional.of(new Circuit(50, 2, Duration.ofSeconds(10), Duration.ofSeconds(30), 1)));
    for (int i = 0; i < 2; i++) {
      OutboundExchange failing = get(policy);
      answered(failing, (Attempt) failing.first(), 500);
      failing.end(null);
    }
    clock.pass(Duration.ofSeconds(31));
    OutboundExchange probe = get(policy);
    Attempt first = (Attempt) probe.first();
    assertThat(probe.hedge(first)).isNull();
    answered(probe, first, 200);
    probe.end(null);

    OutboundExchange closed = get(policy);
    assertThat(closed.hedge((Attempt) closed.first())).isNotNull();
  }

  @Test
  void nothingIsRacedPastADeadline() {
    OutboundExchange exchange =
        exchange(
            Samples.Request.get(),
            three,
            Optional.of(Duration.ofMillis(100)),
            RouteActions.NONE,
            hedging(2));
    Attempt first = (Attempt) exchange.first();
    clock.pass(Duration.ofMillis(40));
    Attempt rival = exchange.hedge(first);
    assertThat(rival.timeout()).contains(Duration.ofMillis(60));
    clock.pass(Duration.ofMillis(60));
    assertThat(exchange.hedge(rival)).isNull();
  }

  @Test
  void nothingIsRacedAfterTheMeshHasAnswered() {
    Retry retry =
        new Retry(Optional.of(1), List.of(503), List.of(), Optional.empty(), Optional.empty());
    RetryBudget spent = new RetryBudget(0, Duration.ofSeconds(10), 0, Optional.of(503));
    TrafficPolicy policy = policy(1, Optional.empty(), Optional.of(spent), Optional.empty());
    OutboundExchange exchange =
        exchange(
            Samples.Request.get(),
            three,
            Optional.empty(),
            RouteActions.NONE.with(Optional.of(retry), Optional.empty()),
            policy);
    Attempt first = (Attempt) exchange.first();
    assertThat(answered(exchange, first, 503)).isInstanceOf(LocalReply.class);
    assertThat(exchange.hedge(first)).isNull();
  }

  @Test
  void nothingIsRacedAfterTheEnd() {
    OutboundExchange exchange = get(hedging(1));
    Attempt first = (Attempt) exchange.first();
    exchange.end(new CancellationException());
    assertThat(exchange.hedge(first)).isNull();
    assertThat(inFlight()).isZero();
  }
}
