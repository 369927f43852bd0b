package dev.weft.benchmarks.ground.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final long MINUTE = 60_000_000_000L;

  @Test
  void arrivalsAscendWithinTheWindow() {
    Schedule schedule = Schedule.poisson(1000, MINUTE, 7);

    for (int i = 1; i < schedule.size(); i++) {
      assertThat(schedule.due(i)).isGreaterThanOrEqualTo(schedule.due(i - 1));
    }
    assertThat(schedule.due(schedule.size() - 1)).isLessThan(MINUTE);
  }

  @Test
  void theMeanRateIsTheOneAskedFor() {
    Schedule schedule = Schedule.poisson(1000, MINUTE, 7);

    // 60,000 arrivals deviate by 245 in one of three cases.
    assertThat(schedule.size()).isCloseTo(60_000, within(1000));
  }

  @Test
  void gapsAreExponential() {
    Schedule schedule = Schedule.poisson(1000, MINUTE, 7);

    int longer = 0;
    for (int i = 1; i < schedule.size(); i++) {
      if (schedule.due(i) - schedule.due(i - 1) > 1_000_000) {
        longer++;
      }
    }
    assertThat((double) longer / schedule.size()).isCloseTo(Math.exp(-1), within(0.01));
  }

  @Test
  void oneSeedGivesOneSchedule() {
    Schedule one = Schedule.poisson(1000, MINUTE, 7);
    Schedule same = Schedule.poisson(1000, MINUTE, 7);
    Schedule other = Schedule.poisson(1000, MINUTE, 8);

    assertThat(same.size()).isEqualTo(one.size());
    assertThat(same.due(100)).isEqualTo(one.due(100));
    assertThat(other.due(100)).isNotEqualTo(one.due(100));
  }

  @Test
  void aRateThatIsNotPositiveIsRefused() {
    assertThatThrownBy(() -> Schedule.poisson(0, MINUTE, 7)).hasMessageContaining("positive rate");
  }
}
