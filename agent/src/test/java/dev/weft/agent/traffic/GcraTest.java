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
      assertThat(budget.tryTake(1, now)).isZero();
    }
    assertThat(budget.left(1, now)).isZero();
    assertThat(budget.tryTake(1, now)).isEqualTo(100 * MILLI);
    assertThat(budget.tryTake(1, now + 99 * MILLI)).isEqualTo(MILLI);
    assertThat(budget.tryTake(1, now + 100 * MILLI)).isZero();
    assertThat(budget.tryTake(1, now + 100 * MILLI)).isEqualTo(100 * MILLI);
    assertThat(budget.left(1, now + 10_000 * MILLI)).isEqualTo(3);
    assertThat(budget.untouched(now + 10_000 * MILLI)).isTrue();
  }

  @Test
  void whoSharesGetsAPartOfTheBurstAndOfTheRate() {
    Gcra budget = new Gcra(Duration.ofMillis(100), 6);
    long now = clock.getAsLong();
    assertThat(budget.left(3, now)).isEqualTo(2);
    assertThat(budget.tryTake(3, now)).isZero();
    assertThat(budget.tryTake(3, now)).isZero();
    assertThat(budget.left(3, now)).isZero();
    assertThat(budget.tryTake(3, now)).isEqualTo(300 * MILLI);
    assertThat(budget.tryTake(3, now + 300 * MILLI)).isZero();
  }

  @Test
  void moreInstancesThanRequestsStillSendOneEach() {
    Gcra budget = new Gcra(Duration.ofMillis(100), 2);
    long now = clock.getAsLong();
    assertThat(budget.left(5, now)).isEqualTo(1);
    assertThat(budget.tryTake(5, now)).isZero();
    assertThat(budget.tryTake(5, now)).isEqualTo(500 * MILLI);
    assertThat(budget.left(1, now)).isZero();
  }

  @Test
  void anotherShareRefillsNothing() {
    Gcra budget = new Gcra(Duration.ofMillis(100), 4);
    long now = clock.getAsLong();
    assertThat(budget.tryTake(2, now)).isZero();
    assertThat(budget.tryTake(2, now)).isZero();
    assertThat(budget.tryTake(2, now)).isPositive();

    assertThat(budget.tryTake(1, now)).as("alone now, with what is spent").isPositive();
    assertThat(budget.tryTake(1, now + 100 * MILLI)).isZero();
    assertThat(budget.tryTake(1, now + 100 * MILLI)).isPositive();
    assertThat(budget.tryTake(2, now + 200 * MILLI)).as("and half as fast again").isPositive();
    assertThat(budget.tryTake(2, now + 300 * MILLI)).isZero();
  }

  @Test
  void theSlowestLimitOfTheLargestServiceIsStillATime() {
    Gcra budget = new Gcra(Duration.ofHours(24), 1);
    long now = clock.getAsLong();
    assertThat(budget.tryTake(Integer.MAX_VALUE, now)).isZero();
    assertThat(budget.tryTake(Integer.MAX_VALUE, now)).isPositive();
    assertThat(budget.left(Integer.MAX_VALUE, now)).isZero();
  }

  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    Gcra budget = new Gcra(Duration.ofMillis(100), 1);
    long now = clock.getAsLong();
    assertThat(budget.tryTake(1, now)).isZero();
    assertThat(budget.tryTake(1, now)).isPositive();
    budget.giveBack(1);
    assertThat(budget.tryTake(1, now)).isZero();
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
                  taken.addAndGet(budget.tryTake(1, now) == 0 ? 1 : 0);
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
