package dev.weft.agent.traffic;

import static dev.weft.agent.traffic.Samples.endpoint;
import static dev.weft.agent.traffic.Samples.service;
import static dev.weft.agent.traffic.Samples.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.balance.Balancer;
import dev.weft.agent.balance.EndpointLoad;
import dev.weft.policy.Endpoint;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BalancerTest {
  private final Clock clock = new Clock();
  private final Balancer balancer = new Balancer(clock, new Random(7));
  private final Endpoint one = endpoint(1);
  private final Endpoint two = endpoint(2);

  private Endpoint choose(Endpoint... candidates) {
    return balancer.choose(List.of(candidates), Set.of());
  }

  @Test
  void takesTheOnlyEndpoint() {
    assertThat(choose(one)).isEqualTo(one);
  }

  @Test
  void prefersTheFasterOfTwo() {
    balancer.load(one).observe(Duration.ofMillis(200), clock.getAsLong());
    balancer.load(two).observe(Duration.ofMillis(10), clock.getAsLong());

    for (int i = 0; i < 20; i++) {
      assertThat(choose(one, two)).isEqualTo(two);
    }
  }

  @Test
  void prefersTheLessBusyOfTwo() {
    balancer.load(one).started();

    for (int i = 0; i < 20; i++) {
      assertThat(choose(one, two)).isEqualTo(two);
    }
  }

  @Test
  void usesAllEndpointsThatCostTheSame() {
    Endpoint three = endpoint(3);
    Set<Endpoint> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Endpoint chosen = choose(one, two, three);
      balancer.load(chosen).started();
      seen.add(chosen);
    }
    assertThat(seen).containsExactlyInAnyOrder(one, two, three);
  }

  @Test
  void feelsAPeakAtOnceAndForgetsItSlowly() {
    EndpointLoad load = balancer.load(one);
    load.observe(Duration.ofMillis(10), clock.getAsLong());
    load.observe(Duration.ofSeconds(1), clock.getAsLong());
    assertThat(load.cost(clock.getAsLong())).isEqualTo(1e9);

    clock.pass(Duration.ofSeconds(1));
    load.observe(Duration.ofMillis(10), clock.getAsLong());
    assertThat(load.cost(clock.getAsLong())).isBetween(0.85e9, 0.95e9);

    clock.pass(Duration.ofSeconds(60));
    assertThat(load.cost(clock.getAsLong())).isLessThan(0.01e9);
  }

  @Test
  void startsAtThirtyMilliseconds() {
    assertThat(balancer.load(one).cost(clock.getAsLong())).isEqualTo(30e6);
  }

  @Test
  void avoidsAnEndpointForAWhileUnlessItIsTheOnlyOne() {
    balancer.load(one).avoid(Duration.ofSeconds(5), clock.getAsLong());

    for (int i = 0; i < 20; i++) {
      assertThat(choose(one, two)).isEqualTo(two);
    }
    assertThat(choose(one)).isEqualTo(one);

    clock.pass(Duration.ofSeconds(6));
    balancer.load(two).started();
    assertThat(choose(one, two)).isEqualTo(one);
  }

  @Test
  void goesBackToATriedEndpointOnlyWhenNothingElseIsLeft() {
    assertThat(balancer.choose(List.of(one, two), Set.of(one))).isEqualTo(two);
    assertThat(balancer.choose(List.of(one, two), Set.of(one, two))).isIn(one, two);
  }

  @Test
  void keepsTheStateOfEndpointsThatANewSnapshotKeeps() {
    balancer.load(one).observe(Duration.ofSeconds(1), clock.getAsLong());
    balancer.load(two).observe(Duration.ofSeconds(1), clock.getAsLong());

    balancer.keep(snapshot(service(one)));

    assertThat(balancer.load(one).cost(clock.getAsLong())).isEqualTo(1e9);
    assertThat(balancer.load(two).cost(clock.getAsLong())).isEqualTo(30e6);
  }
}
