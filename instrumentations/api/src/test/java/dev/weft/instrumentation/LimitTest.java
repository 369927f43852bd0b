package dev.weft.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LimitTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

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

  @Test
  void eachRunsWhenItsTimeIsOver() {
    List<Integer> ran = new CopyOnWriteArrayList<>();
    // Within one look of the timers' thread, in the next one, and after a whole revolution.
    Limit.after(Duration.ofMillis(1_300), () -> ran.add(4));
    Limit.after(Duration.ofMillis(150), () -> ran.add(3));
    Limit cancelled = Limit.after(Duration.ofMillis(100), () -> ran.add(-1));
    Limit.after(Duration.ofMillis(50), () -> ran.add(2));
    Limit.after(Duration.ofMillis(-5), () -> ran.add(1));
    assertThat(cancelled.cancel()).isTrue();

    await().atMost(PATIENCE).until(() -> ran.size() == 4);

    assertThat(ran).containsExactly(1, 2, 3, 4);
  }

  @Test
  void aTimeLongerThanAnyClockIsNeverOver() {
    AtomicBoolean ran = new AtomicBoolean();
    Limit limit = Limit.after(Duration.ofDays(365L * 290), () -> ran.set(true));
    ended(Duration.ofMillis(1));

    assertThat(limit.cancel()).isTrue();
    assertThat(ran).isFalse();
  }

  /** Waits for a limit that begins now. */
  private static void ended(Duration duration) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    Limit.after(duration, () -> ended.complete(null));
    ended.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Whatever happens at the same time, a limit is either cancelled or runs, once. */
  @Test
  void noneIsLostAndNoneRunsTwice() throws Exception {
    int each = 20_000;
    AtomicInteger ran = new AtomicInteger();
    AtomicInteger cancelled = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int seed = 0; seed < 4; seed++) {
      Random dice = new Random(seed);
      Thread thread =
          new Thread(
              () -> {
                Limit[] under = new Limit[64];
                for (int i = 0; i < each; i++) {
                  int slot = dice.nextInt(under.length);
                  if (under[slot] != null && under[slot].cancel()) {
                    cancelled.incrementAndGet();
                  }
                  Duration time = Duration.ofNanos(dice.nextInt(20_000_000));
                  under[slot] = Limit.after(time, ran::incrementAndGet);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    await().atMost(PATIENCE).until(() -> ran.get() + cancelled.get() == 4 * each);
    ended(Duration.ofMillis(50));
    assertThat(ran.get() + cancelled.get()).isEqualTo(4 * each);
    assertThat(ran).doesNotHaveValue(0);
  }

  /** Not even the timers' own thread, which futures would wake for each. */
  @Test
  void whatIsInTimeWakesNobody() {
    ended(Duration.ofMillis(1)); // starts the thread of timers
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long started = threads.getTotalStartedThreadCount();
    long waited = timer(threads).getWaitedCount();

    for (int i = 0; i < 2_000; i++) {
      Limit.after(Duration.ofHours(1), () -> {}).cancel();
    }

    assertThat(timer(threads).getWaitedCount() - waited).isLessThan(1_000);
    assertThat(threads.getTotalStartedThreadCount() - started).isLessThan(1_000);
  }

  @Test
  void saysWhetherItRunsOutWithinATime() {
    try (Limit hour = Limit.after(Duration.ofHours(1), () -> {})) {
      assertThat(hour.within(Duration.ofHours(1))).isTrue();
      assertThat(hour.within(Duration.ofMinutes(59))).isFalse();
    }
    assertThat(Limit.none().within(Duration.ofDays(50_000))).isFalse();
  }

  private static ThreadInfo timer(ThreadMXBean threads) {
    return Stream.of(threads.dumpAllThreads(false, false))
        .filter(thread -> thread.getThreadName().equals("weft-timer"))
        .findFirst()
        .orElseThrow();
  }
}
