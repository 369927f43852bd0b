package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.control.AgentThreads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Workers workers = new Workers(new AgentThreads(new ThreadGroup("weft")));

  @Test
  void stepsRunAndNothingIsReplaced() throws Exception {
    CountDownLatch ran = new CountDownLatch(3);
    for (int i = 0; i < 3; i++) {
      workers.work(ran::countDown);
    }

    assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
    for (int second = 0; second < 10; second++) {
      assertThat(workers.replaceIfLost(second * SECOND)).isFalse();
    }
  }

  @Test
  void whatLostThreadsLeaveAloneIsDoneByOthers() throws Exception {
    CountDownLatch lost = new CountDownLatch(1);
    int width = Math.max(2, Runtime.getRuntime().availableProcessors());
    CountDownLatch taken = new CountDownLatch(width);
    for (int i = 0; i < width; i++) {
      workers.work(
          () -> {
            taken.countDown();
            await(lost);
          });
    }
    assertThat(taken.await(30, TimeUnit.SECONDS)).isTrue();
    CountDownLatch ran = new CountDownLatch(2);
    workers.work(ran::countDown);
    workers.work(ran::countDown);

    assertThat(workers.replaceIfLost(0)).isFalse();
    assertThat(workers.replaceIfLost(SECOND)).isFalse();
    assertThat(workers.replaceIfLost(2 * SECOND)).isTrue();

    assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(workers.replaceIfLost(3 * SECOND)).isFalse();
    lost.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
