package dev.weft.agent.balance;

import static dev.weft.agent.balance.Table.endpoint;
import static dev.weft.agent.balance.Table.forward;
import static dev.weft.agent.balance.Table.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.HashKey;
import dev.weft.policy.TrafficPolicy.HashSource;
import dev.weft.policy.TrafficPolicy.OutlierDetection;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutliersTest {
  private static final Outcome OK = new Outcome.Response(200);
  private static final Outcome ERROR = new Outcome.Response(500);
  private static final Outcome GATEWAY = new Outcome.Response(503);

  private final Table table = new Table();
  private final Endpoint a = endpoint("a");
  private final Endpoint b = endpoint("b");
  private final Endpoint c = endpoint("c");

  /** Errors, gateway errors, local failures in a row; -1: not said. */
  private static TrafficPolicy limits(int errors, int gateway, int local) {
    return policy(outliers(errors, gateway, local, 100, 0));
  }

  private static OutlierDetection outliers(
      int errors, int gateway, int local, int mostPercent, int healthPercent) {
    return new OutlierDetection(
        optional(errors),
        optional(gateway),
        optional(local),
        Optional.empty(),
        Optional.empty(),
        optional(mostPercent),
        optional(healthPercent));
  }

  private static Optional<Integer> optional(int number) {
    return number < 0 ? Optional.empty() : Optional.of(number);
  }

  private static Outcome outcome(String text) {
    return switch (text) {
      case "connect" -> Outcome.Failure.CONNECT;
      case "reset" -> Outcome.Failure.RESET;
      case "timeout" -> Outcome.Failure.TIMEOUT;
      case "gone" -> Outcome.Failure.GIVEN_UP;
      default ->
          text.startsWith("grpc")
              ? new Outcome.Grpc(Integer.parseInt(text.substring(4)))
              : new Outcome.Response(Integer.parseInt(text));
    };
  }

  @ParameterizedTest
  @CsvSource({
    // 5xx in a row; gateways and this side's failures are among them
    "-1, -1, -1, 500 500 500 500 500, consecutive-5xx",
    "-1, -1, -1, 500 500 500 500, ''",
    "-1, -1, -1, 500 500 500 500 200 500, ''",
    "-1, -1, -1, 500 500 500 500 404 500, ''",
    "-1, -1, -1, 500 500 500 500 gone 500, consecutive-5xx",
    "-1, -1, -1, 501 502 connect reset timeout, consecutive-5xx",
    "-1, -1, -1, grpc14 grpc13 grpc2 grpc4 grpc15, consecutive-5xx",
    "-1, -1, -1, grpc14 grpc13 grpc2 grpc4 grpc5, ''",
    "-1, -1, -1, grpc8 grpc8 grpc8 grpc8 grpc8, ''",
    "0, -1, -1, 500 500 500 500 500 500, ''",
    // gateways only
    "0, 2, -1, 502 504, consecutive-gateway-errors",
    "0, 2, -1, 503 connect, consecutive-gateway-errors",
    "0, 2, -1, 503 500 503, ''",
    "0, 2, -1, 503 200 503, ''",
    // this side's failures apart
    "2, 2, 3, connect timeout reset, consecutive-local-failures",
    "2, 2, 3, connect timeout 200 reset, ''",
    "2, 2, 3, connect 503 timeout 503, consecutive-5xx",
    "2, 2, 0, connect connect connect connect, ''"
  })
  void anEndpointIsLeftOutWhenTheLastOutcomeFillsACount(
      int errors, int gateway, int local, String outcomes, String reason) {
    Decision.Forward forward = forward(limits(errors, gateway, local), a, b, c);
    List<String> all = List.of(outcomes.split(" "));
    for (String outcome : all.subList(0, all.size() - 1)) {
      table.hit(forward, "a", outcome(outcome));
      assertThat(table.events).isEmpty();
      table.pass(6);
    }
    table.hit(forward, "a", outcome(all.get(all.size() - 1)));
    table.pass(6);

    if (reason.isEmpty()) {
      assertThat(table.events).isEmpty();
      assertThat(table.count(forward, 30)).containsKey("a");
    } else {
      assertThat(table.events).containsExactly("a out 30 s: " + reason);
      assertThat(table.count(forward, 30)).containsOnlyKeys("b", "c");
    }
  }

  @Test
  void withoutAPolicyNobodyIsLeftOut() {
    Decision.Forward forward = forward(a, b);
    for (int i = 0; i < 20; i++) {
      table.end(table.pick(forward), ERROR);
    }
    assertThat(table.events).isEmpty();
    assertThat(table.name(forward)).isIn("a", "b");
  }

  @Test
  void oneRequestProbesAndTheOthersKeepAwayUntilItHasSucceeded() {
    Decision.Forward forward = forward(limits(1, 0, -1), a, b, c);
    table.hit(forward, "a", ERROR);
    table.pass(Duration.ofMillis(29_999));
    assertThat(table.count(forward, 30)).doesNotContainKey("a");

    table.pass(Duration.ofMillis(1));
    Picked probe = table.pick(forward);
    assertThat(probe.endpoint()).isEqualTo(a);
    assertThat(table.count(forward, 30)).doesNotContainKey("a");
    assertThat(table.events).containsExactly("a out 30 s: consecutive-5xx");

    table.end(probe, OK);
    assertThat(table.events).containsExactly("a out 30 s: consecutive-5xx", "a in");
    assertThat(table.count(forward, 30)).isEqualTo(Map.of("a", 10, "b", 10, "c", 10));
  }

  @Test
  void aFailedProbeLeavesItOutForLonger() {
    Decision.Forward forward = forward(limits(5, 0, -1), a, b);
    for (int i = 0; i < 5; i++) {
      table.hit(forward, "a", ERROR);
    }
    for (int seconds : List.of(30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300)) {
      assertThat(table.events.get(table.events.size() - 1)).startsWith("a out " + seconds + " s");
      table.pass(seconds - 1);
      assertThat(table.count(forward, 5)).doesNotContainKey("a");
      table.pass(1);
      Picked probe = table.pick(forward);
      assertThat(probe.endpoint()).isEqualTo(a);
      table.end(probe, GATEWAY);
    }
    assertThat(table.events).hasSize(12).last().isEqualTo("a out 300 s: probe-failed");
  }

  @Test
  void aProbeThatTheApplicationGaveUpIsRepeated() {
    Decision.Forward forward = forward(limits(1, 0, -1), a, b);
    table.hit(forward, "a", ERROR);
    table.pass(30);
    Picked probe = table.pick(forward);
    assertThat(probe.endpoint()).isEqualTo(a);
    table.choice.finished(probe);

    Picked next = table.pick(forward);
    assertThat(next.endpoint()).isEqualTo(a);
    table.end(next, OK);
    assertThat(table.events).last().isEqualTo("a in");
  }

  @Test
  void ejectionsAreForgottenOneByOneWhileAnEndpointIsIn() {
    Decision.Forward forward = forward(limits(1, 0, -1), a, b);
    table.hit(forward, "a", ERROR);
    table.pass(30);
    table.hit(forward, "a", ERROR); // the probe: the second ejection, 60 s
    table.pass(60);
    table.hit(forward, "a", OK);

    table.pass(10); // one interval: one is forgotten
    table.hit(forward, "a", ERROR);
    assertThat(table.events).last().isEqualTo("a out 60 s: consecutive-5xx");
    table.pass(60);
    table.hit(forward, "a", OK);

    table.pass(20);
    table.hit(forward, "a", ERROR);
    assertThat(table.events).last().isEqualTo("a out 30 s: consecutive-5xx");
  }

  @ParameterizedTest
  @CsvSource({
    "10, 4, 1", // rounded down, but one
    "10, 20, 2",
    "50, 3, 1",
    "100, 3, 3",
    "0, 4, 0",
    "10, 1, 0", // the only endpoint
    "100, 1, 1"
  })
  void atMostAPartIsLeftOut(int percent, int endpoints, int out) {
    Endpoint[] all = new Endpoint[endpoints];
    for (int i = 0; i < endpoints; i++) {
      all[i] = endpoint("e" + i);
    }
    Decision.Forward forward = forward(policy(outliers(1, 0, -1, percent, 0)), all);
    for (int i = 0; i < 3 * endpoints; i++) {
      Picked picked = table.pick(forward);
      if (picked != null) {
        table.end(picked, ERROR);
      }
    }
    assertThat(table.events).hasSize(out);
  }

  @Test
  void anEndpointThatMayNotBeLeftOutIsAsSoonAsItMay() {
    Decision.Forward forward = forward(policy(outliers(1, 0, -1, 10, 0)), a, b);
    table.hit(forward, "a", ERROR);
    table.hit(forward, "b", ERROR);
    assertThat(table.events).hasSize(1);
    table.pass(30);
    table.hit(forward, "a", OK);
    table.hit(forward, "b", ERROR);
    assertThat(table.events)
        .containsExactly("a out 30 s: consecutive-5xx", "a in", "b out 30 s: consecutive-5xx");
  }

  @Test
  void whenAllAreOutNobodyIsChosenUnlessThePolicyWantsPanic() {
    Decision.Forward calm = forward(policy(outliers(1, 0, -1, 100, 0)), a, b);
    table.hit(calm, "a", ERROR);
    table.hit(calm, "b", ERROR);
    assertThat(table.name(calm)).isEqualTo("nobody");

    Decision.Forward panic = forward(policy(outliers(1, 0, -1, 100, 50)), a, b);
    assertThat(table.count(panic, 10)).isEqualTo(Map.of("a", 5, "b", 5));

    table.pass(30);
    assertThat(table.pick(calm).endpoint()).isEqualTo(a);
    assertThat(table.pick(calm).endpoint()).isEqualTo(b);
    assertThat(table.pick(calm)).isNull();
  }

  @Test
  void inAPanicTheFirstRequestAfterTheTimeIsTheProbeToo() {
    Decision.Forward panic = forward(policy(outliers(1, 0, -1, 100, 60)), a, b);
    table.hit(panic, "a", ERROR);
    table.pass(30);
    table.count(panic, 4);
    assertThat(table.events).last().isEqualTo("a in");
  }

  @Test
  void outcomesOfRequestsFromBeforeAnEjectionDoNotCount() {
    Decision.Forward forward = forward(limits(1, 0, -1), a, b);
    Picked late = table.pick(forward);
    Picked later = table.pick(forward);
    Picked slow = late.endpoint().equals(a) ? late : later;
    table.hit(forward, "a", ERROR);
    table.pass(30);
    table.end(slow, OK);
    assertThat(table.events).containsExactly("a out 30 s: consecutive-5xx");
    assertThat(table.pick(forward).endpoint()).isEqualTo(a);
  }

  @Test
  void aKeyGoesToTheNextHostWhileItsOwnIsOutAndProbesIt() {
    HashKey user = new HashKey(HashSource.HEADER, "x-user", Optional.empty(), Optional.empty());
    TrafficPolicy hashed =
        policy(
            Optional.of(Table.balancing(Algorithm.RING_HASH, user)),
            Optional.of(outliers(1, 0, -1, 100, 0)));
    Decision.Forward forward = forward(hashed, a, b, c);
    Table.Request request = Table.Request.with("x-user", "u");
    Picked first = table.pick(forward, request);
    table.end(first, ERROR);
    String own = first.endpoint().workload();
    String next = table.name(forward, request);
    assertThat(next).isNotEqualTo(own).isEqualTo(table.name(forward, request));

    table.pass(30);
    Picked probe = table.pick(forward, request);
    assertThat(probe.endpoint().workload()).isEqualTo(own);
    assertThat(table.name(forward, request)).isEqualTo(next);
    table.end(probe, OK);
    assertThat(table.name(forward, request)).isEqualTo(own);
  }

  @Test
  void whoIsOutStaysOutUnderAnotherPolicyAndOtherServicesDoNotCare() {
    Decision.Forward forward = forward(limits(1, 0, -1), a, b);
    table.hit(forward, "a", ERROR);
    assertThat(table.count(forward(limits(3, 3, 3), a, b), 20)).doesNotContainKey("a");
    assertThat(table.count(forward(a, b), 20)).containsKey("a");
    table.choice.keep(Table.snapshot(Map.of(), forward.service()));
    assertThat(table.count(forward, 20)).doesNotContainKey("a");
  }

  @Test
  void eachChangeOfStateIsALine() {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    Log log = new Log(LogLevel.INFO, new PrintStream(lines, true, StandardCharsets.UTF_8));
    LoggedEjections listener = new LoggedEjections(log);

    listener.ejected("default/pay", a, "consecutive-5xx", Duration.ofSeconds(30));
    listener.returned("default/pay", a);

    assertThat(lines.toString(StandardCharsets.UTF_8))
        .contains(
            "endpoint ejected service=default/pay endpoint="
                + a.address()
                + ":8080 reason=consecutive-5xx seconds=30")
        .contains("endpoint returned service=default/pay endpoint=" + a.address() + ":8080")
        .hasLineCount(2);
  }
}
