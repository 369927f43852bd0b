package dev.weft.agent.balance;

import static dev.weft.agent.balance.Table.balancing;
import static dev.weft.agent.balance.Table.endpoint;
import static dev.weft.agent.balance.Table.forward;
import static dev.weft.agent.balance.Table.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.LoadBalancing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AlgorithmsTest {
  private final Table table = new Table();
  private final Endpoint a = endpoint("a");
  private final Endpoint b = endpoint("b");
  private final Endpoint c = endpoint("c");

  private static Decision.Forward by(Algorithm algorithm, Endpoint... endpoints) {
    return forward(policy(balancing(algorithm)), endpoints);
  }

  @ParameterizedTest
  @EnumSource
  void everyAlgorithmTakesTheOnlyEndpoint(Algorithm algorithm) {
    assertThat(table.name(by(algorithm, a))).isEqualTo("a");
  }

  @ParameterizedTest
  @EnumSource
  void everyAlgorithmUsesAllEndpoints(Algorithm algorithm) {
    assertThat(table.count(by(algorithm, a, b, c), 300)).containsOnlyKeys("a", "b", "c");
  }

  @ParameterizedTest
  @EnumSource
  void everyAlgorithmGoesBackToATriedEndpointOnlyWhenNothingElseIsLeft(Algorithm algorithm) {
    Decision.Forward forward = by(algorithm, a, b, c);
    for (int i = 0; i < 50; i++) {
      assertThat(table.name(forward, Table.Request.PLAIN, a, b)).isEqualTo("c");
      assertThat(table.name(forward, Table.Request.PLAIN, a, b, c)).isIn("a", "b", "c");
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyAlgorithmAvoidsAnEndpointThatBrokeForFiveSecondsUnlessItIsTheOnlyOne(
      Algorithm algorithm) {
    Decision.Forward forward = by(algorithm, a, b);
    table.hit(forward, "a", Outcome.Failure.CONNECT);

    assertThat(table.count(forward, 50)).containsOnlyKeys("b");
    assertThat(table.name(by(algorithm, a))).isEqualTo("a");

    table.pass(60);
    assertThat(table.count(forward, 50)).containsKey("a");
  }

  @ParameterizedTest
  @CsvSource({"RANDOM", "PEAK_EWMA", "LEAST_REQUEST"})
  void idleEndpointsAreDrawnByTheirWeights(Algorithm algorithm) {
    Decision.Forward forward = by(algorithm, endpoint("a", 6), endpoint("b", 3), endpoint("c", 1));
    int drawn = table.count(forward, 3000).get("c");
    if (algorithm == Algorithm.RANDOM) {
      assertThat(drawn).isBetween(240, 360);
    } else {
      // Two different ones are compared, so that the least drawn one comes second, too.
      assertThat(drawn).isBetween(150, 1000);
    }
  }

  @Test
  void roundRobinGivesEachEndpointItsWeightInEveryCycle() {
    Decision.Forward forward =
        by(Algorithm.ROUND_ROBIN, endpoint("a", 500), endpoint("b", 300), endpoint("c", 200));
    for (int cycle = 0; cycle < 5; cycle++) {
      assertThat(table.count(forward, 10)).isEqualTo(Map.of("a", 5, "b", 3, "c", 2));
    }
  }

  @Test
  void roundRobinSpreadsTheTurnsOfAHeavyEndpoint() {
    Decision.Forward forward = by(Algorithm.ROUND_ROBIN, endpoint("a", 5), b, c);
    int longest = 0;
    int run = 0;
    for (int i = 0; i < 70; i++) {
      run = table.name(forward).equals("a") ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    assertThat(longest).isBetween(2, 4); // 5 of 7 turns: at least 2, and never all 5 in a row
  }

  @Test
  void roundRobinBearsTheLargestWeights() {
    Decision.Forward forward =
        by(
            Algorithm.ROUND_ROBIN,
            endpoint("a", Integer.MAX_VALUE),
            endpoint("b", Integer.MAX_VALUE),
            endpoint("c", 1));
    Map<String, Integer> counts = table.count(forward, 1000);
    assertThat(counts.get("a")).isBetween(400, 600);
    assertThat(counts.get("b")).isBetween(400, 600);
  }

  @Test
  void clientsDoNotAllBeginWithTheSameEndpoint() {
    Set<String> firsts = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      Decision.Forward forward = by(Algorithm.ROUND_ROBIN, a, b, c);
      firsts.add(table.name(forward));
    }
    assertThat(firsts).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void leastRequestPrefersTheLessBusyOfTwoByWeight() {
    Decision.Forward forward = by(Algorithm.LEAST_REQUEST, endpoint("a", 3), endpoint("b", 1));
    Map<String, Integer> open = new java.util.TreeMap<>();
    for (int i = 0; i < 400; i++) {
      open.merge(table.pick(forward).endpoint().workload(), 1, Integer::sum);
    }
    assertThat(open.get("a")).isBetween(290, 310);
  }

  @Test
  void leastRequestLooksAtAsManyAsThePolicySays() {
    LoadBalancing five =
        new LoadBalancing(
            Algorithm.LEAST_REQUEST,
            Optional.empty(),
            Optional.empty(),
            Optional.of(20),
            Optional.empty(),
            Optional.empty());
    Decision.Forward forward = forward(policy(five), a, b, c);
    table.pick(forward);
    table.pick(forward);
    Picked third = table.pick(forward);
    assertThat(table.choice.load(a).inFlight()).isOne();
    assertThat(table.choice.load(b).inFlight()).isOne();
    assertThat(table.choice.load(c).inFlight()).isOne();
    table.end(third, new Outcome.Response(200));
    for (int i = 0; i < 20; i++) {
      assertThat(table.name(forward)).isEqualTo(third.endpoint().workload());
    }
  }

  @Test
  void peakEwmaPrefersTheFasterOfTwo() {
    Decision.Forward forward = forward(a, b);
    table.choice.load(a).observe(Duration.ofSeconds(2), Long.MAX_VALUE - 5_000_000_000L);
    assertThat(table.count(forward, 50)).isEqualTo(Map.of("b", 50));
  }

  @Test
  void theMeshSaysHowWhereNoPolicyDoes() {
    table.mesh =
        new MeshSettings(
            List.of(),
            List.of(),
            20,
            10,
            1.0,
            Optional.empty(),
            Optional.of(balancing(Algorithm.ROUND_ROBIN)),
            List.of(),
            List.of());
    Decision.Forward forward = forward(a, b, c);
    assertThat(table.count(forward, 30)).isEqualTo(Map.of("a", 10, "b", 10, "c", 10));

    table.mesh = MeshSettings.DEFAULT;
    table.choice.load(a).observe(Duration.ofSeconds(2), Long.MAX_VALUE - 5_000_000_000L);
    assertThat(table.count(forward, 30)).doesNotContainKey("a");
  }

  @Test
  void passThroughTakesTheEndpointThatTheApplicationNames() {
    Decision.Forward forward = by(Algorithm.PASSTHROUGH, a, b, c);
    Call named =
        new Call() {
          @Override
          public String host() {
            return b.address();
          }

          @Override
          public int port() {
            return 8080;
          }

          @Override
          public String method() {
            return "GET";
          }

          @Override
          public String pathAndQuery() {
            return "/";
          }

          @Override
          public List<String> header(String name) {
            return List.of();
          }
        };
    for (int i = 0; i < 10; i++) {
      assertThat(table.name(forward, named)).isEqualTo("b");
    }
  }

  @Test
  void anAttemptIsInFlightUntilItIsFinishedOnce() {
    Picked picked = table.pick(forward(a));
    assertThat(table.choice.load(a).inFlight()).isOne();
    table.choice.outcome(picked, new Outcome.Response(200), Duration.ofMillis(1));
    assertThat(table.choice.load(a).inFlight()).isOne();
    table.choice.finished(picked);
    table.choice.finished(picked);
    assertThat(table.choice.load(a).inFlight()).isZero();
  }

  @Test
  void stateSurvivesAnotherPolicyAndEndsWithTheEndpoint() {
    Decision.Forward before = by(Algorithm.ROUND_ROBIN, a, b);
    table.hit(before, "a", Outcome.Failure.RESET);
    Decision.Forward after = by(Algorithm.RANDOM, a, b);
    assertThat(table.count(after, 30)).containsOnlyKeys("b");

    table.choice.keep(Table.snapshot(Map.of(), Table.service(List.of(a, b))));
    assertThat(table.count(after, 30)).containsOnlyKeys("b");
    assertThat(table.choice.knows(a)).isTrue();

    table.choice.keep(Table.snapshot(Map.of(), Table.service(List.of(b))));
    assertThat(table.choice.knows(a)).isFalse();
    assertThat(table.choice.knows(b)).isTrue();
    Decision.Forward again = by(Algorithm.RANDOM, a, b);
    assertThat(table.count(again, 30)).containsKey("a");
  }

  @Test
  void threadsChooseAtOnceWithoutLosingCount() throws Exception {
    Decision.Forward forward = by(Algorithm.ROUND_ROBIN, a, b, c);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int j = 0; j < 3000; j++) {
                  Picked picked =
                      table.choice.choose(
                          forward, table.mesh, Table.Request.PLAIN, Set.of(), table.dice);
                  table.choice.outcome(picked, new Outcome.Response(200), Duration.ofMillis(1));
                  table.choice.finished(picked);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Endpoint endpoint : List.of(a, b, c)) {
      assertThat(table.choice.load(endpoint).inFlight()).isZero();
    }
  }
}
