package dev.weft.benchmarks.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.benchmarks.ground.Spread;
import dev.weft.benchmarks.wire.Target.Better;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetTest {
  @Test
  void verdictsFollowTheMedian() {
    assertThat(higher(spread(1.3)).verdict()).isEqualTo("ahead");
    assertThat(higher(spread(1.0)).verdict()).isEqualTo("par");
    assertThat(higher(spread(0.9)).verdict()).isEqualTo("missed");
    assertThat(lower(spread(0.5)).verdict()).isEqualTo("ahead");
    assertThat(lower(spread(1.0)).verdict()).isEqualTo("par");
    assertThat(lower(spread(1.2)).verdict()).isEqualTo("missed");
  }

  @Test
  void roundsOnBothSidesOfTheLimitMakeItDoubtful() {
    assertThat(higher(new Spread(1.0, 0.9, 1.1)).verdict()).isEqualTo("par?");
    assertThat(higher(new Spread(0.96, 0.9, 1.0)).verdict()).isEqualTo("missed?");
  }

  @Test
  void whatWasNotMeasuredIsNotJudged() {
    assertThat(higher(Spread.NONE).verdict()).isEqualTo("not measured");
  }

  @Test
  void eachEngineHasItsOwnGate() {
    Results results = new Results(Stack.TOMCAT);
    results.enter(Variant.JSSE, Metric.RPS, 0, 100);
    results.enter(Variant.AGENT_JSSE, Metric.RPS, 0, 100);
    results.enter(Variant.AGENT_OPENSSL, Metric.RPS, 0, 100);

    assertThat(saturation(results, Variant.AGENT_JSSE).verdict()).isEqualTo("par");
    assertThat(saturation(results, Variant.AGENT_OPENSSL).verdict()).isEqualTo("missed");
  }

  @Test
  void theBetterOfTwoSidecarsIsThePeer() {
    Results results = new Results(Stack.NETTY);
    results.enter(Variant.AGENT_JSSE, Metric.RPS, 0, 100);
    results.enter(Variant.NGINX_TCP, Metric.RPS, 0, 40);
    results.enter(Variant.HAPROXY_TCP, Metric.RPS, 0, 50);

    assertThat(named(Target.of(results, Variant.AGENT_JSSE), "best TCP pair").found().median())
        .isEqualTo(2.0);
  }

  @Test
  void aPeerThatAddsNothingIsNoMeasure() {
    Results results = new Results(Stack.NETTY);
    results.enter(Variant.PLAIN, Metric.CPU, 0, 100);
    results.enter(Variant.JSSE, Metric.CPU, 0, 99);
    results.enter(Variant.AGENT_JSSE, Metric.CPU, 0, 120);

    assertThat(named(Target.of(results, Variant.AGENT_JSSE), "added CPU at 1000/s / own").verdict())
        .isEqualTo("not measured");
  }

  private static Target saturation(Results results, Variant agent) {
    return named(Target.of(results, agent), "saturation / own JSSE");
  }

  private static Target named(List<Target> targets, String part) {
    return targets.stream().filter(row -> row.name().contains(part)).findFirst().orElseThrow();
  }

  private static Spread spread(double value) {
    return new Spread(value, value, value);
  }

  private static Target higher(Spread found) {
    return new Target("row", found, 0.97, 1.25, Better.HIGHER);
  }

  private static Target lower(Spread found) {
    return new Target("row", found, 1.05, 0.6, Better.LOWER);
  }
}
