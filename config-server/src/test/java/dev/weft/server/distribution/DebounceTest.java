package dev.weft.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DebounceTest {
  private final AtomicLong now = new AtomicLong(1);
  private final Debounce debounce = new Debounce(now::get);

  private void later(long millis) {
    now.addAndGet(Duration.ofMillis(millis).toNanos());
  }

  private long pause() {
    return debounce.changed().toMillis();
  }

  /** A change comes, its round begins after the pause and takes so long; returns the pause. */
  private long round(long costMillis) {
    long pause = pause();
    later(pause + costMillis);
    debounce.ran(Duration.ofMillis(costMillis));
    return pause;
  }

  @Test
  void aLoneChangeGoesAtOnce() {
    assertThat(round(20)).isZero();
    later(1000);
    assertThat(round(20)).isZero();
    later(60);
    assertThat(round(20)).isZero();
  }

  @Test
  void theSecondOfTwoWaitsForAsLongAsARoundTakes() {
    round(40);

    assertThat(pause()).isEqualTo(40);
  }

  @Test
  void aStormIsMergedMoreAndMore() {
    round(10);

    assertThat(round(10)).isEqualTo(10);
    assertThat(round(10)).isEqualTo(20);
    assertThat(round(10)).isEqualTo(40);
    assertThat(round(10)).isEqualTo(80);
    assertThat(round(10)).isEqualTo(160);
    assertThat(round(10)).isEqualTo(250);
    assertThat(round(10)).isEqualTo(250);
  }

  @Test
  void fiveHundredChangesWithinASecondAreAFewRounds() {
    int rounds = 0;
    long due = -1;
    for (int millis = 0; millis < 1000; millis += 2) {
      if (due < 0) {
        due = millis + pause();
      }
      if (millis >= due) {
        rounds++;
        debounce.ran(Duration.ofMillis(5));
        due = -1;
      }
      later(2);
    }

    assertThat(rounds).isBetween(5, 12);
  }

  @Test
  void nobodyWaitsLongerThanTheBound() {
    round(30_000);

    assertThat(pause()).isLessThanOrEqualTo(Debounce.LONGEST.toMillis());
    later(30_000);
    round(1);
    for (int i = 0; i < 50; i++) {
      assertThat(round(2000)).isLessThanOrEqualTo(Debounce.LONGEST.toMillis());
    }
  }

  @Test
  void afterTheStormItIsQuietAgain() {
    for (int i = 0; i < 20; i++) {
      round(10);
    }
    later(600);

    assertThat(round(10)).isZero();
    later(600);
    assertThat(round(10)).isZero();
  }
}
