package dev.weft.agent.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.MeshSettings;
import dev.weft.policy.TrafficPolicy;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private final Clock clock = new Clock();

  private RetryBudget budget(int percent, int floor) {
    return new RetryBudget(clock, new RetryBudget.Terms(percent, 10, floor));
  }

  private static int retries(int wanted, RetryBudget budget) {
    int granted = 0;
    for (int i = 0; i < wanted; i++) {
      granted += budget.tryRetry() ? 1 : 0;
    }
    return granted;
  }

  @Test
  void alwaysAllowsTheFloorInEachSecond() {
    RetryBudget budget = budget(20, 10);
    assertThat(retries(100, budget)).isEqualTo(10);
    clock.pass(Duration.ofSeconds(1));
    assertThat(retries(100, budget)).isEqualTo(10);
  }

  @Test
  void allowsAShareOfTheRequestsOfTheWindow() {
    RetryBudget budget = budget(20, 0);
    for (int i = 0; i < 1_000; i++) {
      budget.requested();
    }
    assertThat(retries(1_000, budget)).isEqualTo(200);
  }

  @Test
  void forgetsRequestsThatLeftTheWindow() {
    RetryBudget budget = budget(20, 0);
    for (int i = 0; i < 1_000; i++) {
      budget.requested();
    }
    clock.pass(Duration.ofSeconds(11));
    assertThat(retries(100, budget)).isZero();
  }

  @Test
  void countsRetriesOfTheWholeWindow() {
    RetryBudget budget = budget(20, 0);
    for (int i = 0; i < 100; i++) {
      budget.requested();
    }
    assertThat(retries(15, budget)).isEqualTo(15);
    clock.pass(Duration.ofSeconds(5));
    assertThat(retries(15, budget)).isEqualTo(5);
  }

  @Test
  void aServicesOwnTermsGoBeforeTheMeshs() {
    TrafficPolicy.RetryBudget own = new TrafficPolicy.RetryBudget(50, Duration.ofMinutes(1), 1);

    assertThat(RetryBudget.Terms.of(Optional.of(own), MeshSettings.DEFAULT))
        .isEqualTo(new RetryBudget.Terms(50, 60, 1));
    assertThat(RetryBudget.Terms.of(Optional.empty(), MeshSettings.DEFAULT))
        .isEqualTo(new RetryBudget.Terms(20, 10, 10));
  }
}
