package dev.weft.benchmarks.ground;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void theMedianOfAnOddNumberIsTheMiddleOne() {
    assertThat(Spread.of(List.of(9.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 9));
  }

  @Test
  void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertThat(Spread.of(List.of(9.0, 1.0, 2.0, 4.0))).isEqualTo(new Spread(3, 1, 9));
  }

  @Test
  void roundsWithoutFigureDoNotCount() {
    assertThat(Spread.of(List.of(Double.NaN, 2.0))).isEqualTo(new Spread(2, 2, 2));
    assertThat(Spread.of(List.of(Double.NaN)).known()).isFalse();
    assertThat(Spread.of(List.of()).known()).isFalse();
  }

  @Test
  void theLimitsOfAMedianRatioLeaveOutWhatACoinRarelyGives() {
    List<Double> twenty = IntStream.rangeClosed(1, 20).mapToObj(Double::valueOf).toList();
    List<Double> ones = Collections.nCopies(20, 1.0);

    // Of 20 throws of a coin, 5 or fewer are heads in 2.07 of 100 cases, 6 or fewer in 5.8.
    assertThat(Spread.ofMedianRatio(twenty, ones)).isEqualTo(new Spread(10.5, 6, 15));
  }

  @Test
  void theLimitsOfAFewRatiosAreTheOutermost() {
    assertThat(Spread.ofMedianRatio(List.of(3.0, 1.0, 2.0), List.of(1.0, 1.0, 1.0)))
        .isEqualTo(new Spread(2, 1, 3));
    assertThat(Spread.ofMedianRatio(List.of(), List.of()).known()).isFalse();
  }
}
