package dev.weft.agent.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private final Clock clock = new Clock();
  private final RetryBudget budget = new RetryBudget(clock);

  private int retries(int wanted, int percent, int floor) {
    int granted = 0;
    for (int i = 0; i < wanted; i++) {
      granted += budget.tryRetry(percent, floor) ? 1 : 0;
    }
    return granted;
  }

  @Test
  void alwaysAllowsTheFloorInEachSecond() {
    assertThat(retries(100, 20, 10)).isEqualTo(10);
    clock.pass(Duration.ofSeconds(1));
    assertThat(retries(100, 20, 10)).isEqualTo(10);
  }

  @Test
  void allowsAShareOfTheRequestsOfTheWindow() {
    for (int i = 0; i < 1_000; i++) {
      budget.requested();
    }
    assertThat(retries(1_000, 20, 0)).isEqualTo(200);
  }

  @Test
  void forgetsRequestsThatLeftTheWindow() {
    for (int i = 0; i < 1_000; i++) {
      budget.requested();
    }
    clock.pass(Duration.ofSeconds(11));
    assertThat(retries(100, 20, 0)).isZero();
  }

  @Test
  void countsRetriesOfTheWholeWindow() {
    for (int i = 0; i < 100; i++) {
      budget.requested();
    }
    assertThat(retries(15, 20, 0)).isEqualTo(15);
    clock.pass(Duration.ofSeconds(5));
    assertThat(retries(15, 20, 0)).isEqualTo(5);
  }
}
