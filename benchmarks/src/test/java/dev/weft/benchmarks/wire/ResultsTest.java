package dev.weft.benchmarks.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.benchmarks.ground.Spread;
import org.junit.jupiter.api.Test;

class ResultsTest {
  private final Results results = new Results(Stack.NETTY);

  @Test
  void ratiosPairTheFiguresOfOneRound() {
    // The machine was three times slower in the second round, for both.
    enter(Variant.PLAIN, Metric.RPS, 300, 100, 320);
    enter(Variant.JSSE, Metric.RPS, 150, 50, 160);

    assertThat(results.ratio(Variant.JSSE, Variant.PLAIN, Metric.RPS))
        .isEqualTo(new Spread(0.5, 0.5, 0.5));
  }

  @Test
  void whatIsAddedIsCountedFromPlaintextOfTheSameRound() {
    enter(Variant.PLAIN, Metric.P50, 100, 200, 150);
    enter(Variant.JSSE, Metric.P50, 130, 220, 200);

    assertThat(results.added(Variant.JSSE, Metric.P50)).isEqualTo(new Spread(30, 20, 50));
  }

  @Test
  void aRoundThatOneOfTwoMissedHasNoRatio() {
    enter(Variant.PLAIN, Metric.RPS, 100, 100);
    results.enter(Variant.JSSE, Metric.RPS, 1, 80);

    assertThat(results.ratio(Variant.JSSE, Variant.PLAIN, Metric.RPS))
        .isEqualTo(new Spread(0.8, 0.8, 0.8));
    assertThat(results.ratio(Variant.NGINX_TCP, Variant.PLAIN, Metric.RPS).known()).isFalse();
  }

  private void enter(Variant variant, Metric metric, double... figures) {
    for (int round = 0; round < figures.length; round++) {
      results.enter(variant, metric, round, figures[round]);
    }
  }
}
