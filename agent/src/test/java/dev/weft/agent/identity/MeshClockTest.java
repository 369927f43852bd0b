package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeshClockTest {
  private static final Duration DAYS = Duration.ofDays(3);

  private final Instant start = Instant.parse("2026-11-29T12:00:00Z");
  private final List<String> news = new ArrayList<>();
  private Duration passed = Duration.ZERO;
  private Duration set = Duration.ZERO;
  private final MeshClock clock =
      MeshClock.of(() -> real().plus(set), () -> 7 + passed.toNanos(), news::add);

  private Instant real() {
    return start.plus(passed);
  }

  private void pass(Duration time) {
    passed = passed.plus(time);
  }

  @Test
  void followsTheTimeOfDayAndItsSmallCorrections() {
    pass(Duration.ofDays(40));
    assertThat(clock.instant()).isEqualTo(real());
    set = Duration.ofSeconds(3);
    assertThat(clock.instant()).isEqualTo(real().plusSeconds(3));
    assertThat(news).isEmpty();
  }

  @Test
  void aJumpThatTheServerContradictsIsNotFollowedHoweverLongItLasts() {
    for (Duration jump : List.of(DAYS, DAYS.negated())) {
      news.clear();
      set = jump;
      assertThat(clock.instant()).isEqualTo(real());
      clock.told(real().plusSeconds(1));
      pass(Duration.ofHours(5));
      assertThat(clock.instant()).isEqualTo(real());
      clock.told(real());
      assertThat(news).hasSize(2).last().asString().contains("clock is wrong");

      set = Duration.ZERO;
      assertThat(clock.instant()).isEqualTo(real());
      assertThat(news).hasSize(3).last().asString().contains("clock is back");
    }
  }

  @Test
  void aJumpThatTheServerConfirmsCounts() {
    set = DAYS; // the machine slept: its monotonic clock stood still
    assertThat(clock.instant()).isEqualTo(real());
    clock.told(real().plus(DAYS).minusSeconds(2));
    assertThat(clock.instant()).isEqualTo(real().plus(DAYS));
    pass(Duration.ofHours(5));
    assertThat(clock.instant()).isEqualTo(real().plus(DAYS));
    assertThat(news).hasSize(2).last().asString().contains("clock was right to jump");
  }

  @Test
  void aJumpThatNobodySpeaksOfCountsAfterAMinute() {
    set = DAYS;
    assertThat(clock.instant()).isEqualTo(real());
    pass(MeshClock.PATIENCE);
    assertThat(clock.instant()).isEqualTo(real());
    pass(Duration.ofSeconds(1));
    assertThat(clock.instant()).isEqualTo(real().plus(DAYS));
    assertThat(news).hasSize(2);
  }

  @Test
  void aServerWithAnotherTimeMovesNoClockThatHasNotJumped() {
    clock.told(real().plus(DAYS));
    assertThat(clock.instant()).isEqualTo(real());
    assertThat(news).isEmpty();
  }
}
