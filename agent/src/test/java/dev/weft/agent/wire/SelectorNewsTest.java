package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SelectorNewsTest {
  private static final long FOR_EVER = -1;

  private final SelectorNews news = new SelectorNews();

  @BeforeEach
  void begin() {
    news.begin(FOR_EVER);
  }

  @Test
  void aSelectThatOnlyWeHaveWokenGoesOn() {
    news.woken(true);

    assertThat(news.remaining(0, FOR_EVER, true)).isEqualTo(FOR_EVER);
  }

  @Test
  void aSelectThatNobodyHasWokenIsOver() {
    assertThat(news.remaining(0, FOR_EVER, true)).isZero();
  }

  @Test
  void aSelectThatTheApplicationHasWokenTooIsOver() {
    news.woken(false);
    news.woken(true);

    assertThat(news.remaining(0, FOR_EVER, true)).isZero();
  }

  @Test
  void aWakeupCountsOnce() {
    news.woken(false);
    news.remaining(0, FOR_EVER, true);
    news.woken(true);

    assertThat(news.remaining(0, FOR_EVER, true)).isEqualTo(FOR_EVER);
  }

  @Test
  void aSelectWithKeysIsOver() {
    news.woken(true);

    assertThat(news.remaining(1, FOR_EVER, true)).isZero();
  }

  @Test
  void aClosedSelectorDoesNotGoOn() {
    news.woken(true);

    assertThat(news.remaining(0, FOR_EVER, false)).isZero();
  }

  @Test
  void anInterruptedThreadDoesNotGoOn() {
    news.woken(true);
    Thread.currentThread().interrupt();

    assertThat(news.remaining(0, FOR_EVER, true)).isZero();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aTimedSelectGoesOnForTheRestOfItsTime() {
    news.begin(60_000);
    news.woken(true);

    assertThat(news.remaining(0, 60_000, true)).isBetween(1L, 60_000L);
  }

  @Test
  void aTimedSelectWhoseTimeIsOverIsOver() {
    news.begin(1);
    long start = System.nanoTime();
    while (System.nanoTime() - start < 2_000_000) {
      Thread.onSpinWait();
    }
    news.woken(true);

    assertThat(news.remaining(0, 1, true)).isZero();
  }

  @Test
  void aSelectThatDoesNotWaitIsOver() {
    news.begin(0);
    news.woken(true);

    assertThat(news.remaining(0, 0, true)).isZero();
  }

  @Test
  void whoLearnsOfASelectorWhileItSelectsKnowsItsTimeAllTheSame() {
    SelectorNews late = new SelectorNews();
    late.woken(true);

    assertThat(late.remaining(0, 60_000, true)).isBetween(1L, 60_000L);
  }
}
