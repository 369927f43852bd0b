package dev.weft.agent.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GcraTest {
  private static final long MILLI = 1_000_000;

  private final Clock clock = new Clock();

  @Test
  void aWholeBudgetIsABurstAndGrowsByOneEveryInterval() {
    Gcra budget = new Gcra(Duration.ofMillis(100), 3);
    long now = clock.getAsLong();
    for (int i = 0; i < 3; i++) {
      assertThat(budget.tryTake(now)).isZero();
    }
    assertThat(budget.left(now)).isZero();
    assertThat(budget.tryTake(now)).isEqualTo(100 * MILLI);
    assertThat(budget.tryTake(now + 99 * MILLI)).isEqualTo(MILLI);
    assertThat(budget.tryTake(now + 100 * MILLI)).isZero();
    assertThat(budget.tryTake(now + 100 * MILLI)).isEqualTo(100 * MILLI);
    assertThat(budget.left(now + 10_000 * MILLI)).isEqualTo(3);
    assertThat(budget.untouched(now + 10_000 * MILLI)).isTrue();
  }

  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    Gcra budget = new Gcra(Duration.ofMillis(100), 1);
    long now = clock.getAsLong();
    assertThat(budget.tryTake(now)).isZero();
    assertThat(budget.tryTake(now)).isPositive();
    budget.giveBack();
    assertThat(budget.tryTake(now)).isZero();
  }

  @Test
  void manyThreadsTakeNoMoreThanThereIs() throws Exception {
    Gcra budget = new Gcra(Duration.ofHours(1), 1_000);
    long now = clock.getAsLong();
    AtomicInteger taken = new AtomicInteger();
    Thread[] threads = new Thread[8];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                for (int n = 0; n < 500; n++) {
                  taken.addAndGet(budget.tryTake(now) == 0 ? 1 : 0);
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(taken).hasValue(1_000);
  }
}
