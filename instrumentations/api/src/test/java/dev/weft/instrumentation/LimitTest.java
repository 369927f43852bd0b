package dev.weft.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LimitTest {
  @Test
  void theActionRunsWhenTheTimeIsOver() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);

    Limit limit = Limit.after(Duration.ofMillis(1), ran::countDown);

    assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(limit.cancel()).isFalse();
  }

  @Test
  void aCancelledLimitDoesNothing() {
    AtomicBoolean ran = new AtomicBoolean();

    Limit limit = Limit.after(Duration.ofHours(1), () -> ran.set(true));

    assertThat(limit.cancel()).isTrue();
    assertThat(limit.cancel()).isFalse();
    assertThat(ran).isFalse();
  }

  /** Where there are more than two processors, futures have a pool, and this cannot fail. */
  @Test
  void whatIsInTimeTakesNoThread() {
    Limit.after(Duration.ofHours(1), () -> {}).cancel(); // starts the thread of timers
    long before = ManagementFactory.getThreadMXBean().getTotalStartedThreadCount();

    for (int i = 0; i < 500; i++) {
      Limit.after(Duration.ofHours(1), () -> {}).cancel();
    }

    long started = ManagementFactory.getThreadMXBean().getTotalStartedThreadCount() - before;
    assertThat(started).isLessThan(250);
  }
}
