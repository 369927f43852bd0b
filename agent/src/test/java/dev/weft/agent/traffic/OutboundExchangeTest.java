package dev.weft.agent.traffic;

import static dev.weft.agent.traffic.Samples.endpoint;
import static dev.weft.agent.traffic.Samples.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.control.Snapshots;
import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.agent.telemetry.TelemetryOff;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.MeshSettings;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutboundExchangeTest {
  private static final ConnectException REFUSED = new ConnectException("Connection refused");

  private final Clock clock = new Clock();
  private final ClientTraffic traffic =
      new ClientTraffic(
          new Snapshots(Samples.SILENT),
          TelemetryOff.telemetry(),
          Samples.SILENT,
          clock,
          new Random(1),
          () -> false);
  private final List<ClientOutcome> outcomes = new ArrayList<>();
  private final Endpoint one = endpoint(1);
  private final Endpoint two = endpoint(2);
  private final Endpoint three = endpoint(3);

  private final ClientObservation observation =
      new ClientObservation() {
        @Override
        public Map<String, String> headers() {
          return Map.of("traceparent", "00-1-2-01");
        }

        @Override
        public void end(ClientOutcome outcome) {
          outcomes.add(outcome);
        }
      };

  private OutboundExchange exchange(
      Samples.Request request, Optional<Duration> whole, Optional<Duration> backend) {
    List<Endpoint> endpoints = List.of(one, two, three);
    Decision.Forward decision =
        new Decision.Forward(
            "HTTPRoute default/pay",
            service(one, two, three),
            endpoints,
            List.of(new HeaderEdit(HeaderEdit.Kind.SET, "x-tier", "gold")),
            List.of(new HeaderEdit(HeaderEdit.Kind.REMOVE, "server", "")),
            whole,
            backend);
    return new OutboundExchange(
        traffic, request, decision, MeshSettings.DEFAULT, new RetryBudget(clock), observation);
  }

  private OutboundExchange get() {
    return exchange(Samples.Request.get(), Optional.empty(), Optional.empty());
  }

  private static String dialled(Attempt attempt) {
    return attempt.address().getAddress().getHostAddress();
  }

  private int inFlight() {
    return traffic.balancer().load(one).inFlight()
        + traffic.balancer().load(two).inFlight()
        + traffic.balancer().load(three).inFlight();
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
    dialled.add(dialled((Attempt) exchange.first()));
    for (Attempt next = exchange.retry(REFUSED, Progress.UNSENT);
        next != null;
        next = exchange.retry(REFUSED, Progress.UNSENT)) {
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
    exchange.first();

    assertThat(exchange.retry(new SocketException("reset"), Progress.SENT)).isNull();
  }

  @Test
  void leavesAFailedEndpointAloneForAWhile() {
    OutboundExchange exchange = get();
    String failed = dialled((Attempt) exchange.first());
    exchange.retry(REFUSED, Progress.UNSENT);
    exchange.end(null);

    for (int i = 0; i < 30; i++) {
      OutboundExchange later = get();
      assertThat(dialled((Attempt) later.first())).isNotEqualTo(failed);
      later.responded(200, name -> List.of());
      later.end(null);
    }
  }

  @Test
  void boundsAllAttemptsByTheRequestTimeout() {
    OutboundExchange exchange =
        exchange(Samples.Request.get(), Optional.of(Duration.ofSeconds(1)), Optional.empty());
    exchange.first();
    clock.pass(Duration.ofMillis(400));

    Attempt second = exchange.retry(REFUSED, Progress.UNSENT);
    assertThat(second).isNotNull();
    assertThat(second.timeout().orElseThrow().plus(second.backoff()))
        .isEqualTo(Duration.ofMillis(600));

    clock.pass(Duration.ofMillis(600));
    assertThat(exchange.expired()).isTrue();
    assertThat(exchange.retry(REFUSED, Progress.UNSENT)).isNull();
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
    Samples.Request hurried =
        new Samples.Request("GET", false, Optional.of(Duration.ofMillis(300)));
    OutboundExchange exchange =
        exchange(hurried, Optional.of(Duration.ofSeconds(5)), Optional.empty());

    assertThat(((Attempt) exchange.first()).timeout()).contains(Duration.ofMillis(300));
    clock.pass(Duration.ofMillis(300));
    assertThat(exchange.expired()).isFalse();
    assertThat(exchange.retry(REFUSED, Progress.UNSENT)).isNull();
  }

  @Test
  void takesAnOverloadedEndpointsRetryAfterSeriously() {
    OutboundExchange exchange = get();
    String overloaded = dialled((Attempt) exchange.first());
    exchange.responded(503, name -> List.of("3"));
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
    exchange.first();

    assertThat(exchange.responded(201, name -> List.of()))
        .containsExactly(new HeaderChange(HeaderChange.Kind.REMOVE, "server", ""));
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
    exchange.first();
    exchange.end(new HttpTimeoutException("late"));

    assertThat(exchange.retry(REFUSED, Progress.UNSENT)).isNull();
    assertThat(inFlight()).isZero();
  }
}
