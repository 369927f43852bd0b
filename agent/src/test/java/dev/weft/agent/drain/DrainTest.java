package dev.weft.agent.drain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.control.Departed;
import dev.weft.agent.control.Membership;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class DrainTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Log log =
      new Log(LogLevel.INFO, new PrintStream(out, true, StandardCharsets.UTF_8));
  private final AtomicReference<Thread> left = new AtomicReference<>();

  private Drain drain(Duration timeout, boolean serving, Departed departed, LongSupplier inUse) {
    Membership membership =
        new Membership() {
          @Override
          public boolean serving() {
            return serving;
          }

          @Override
          public Departed leave(Duration answer, Duration known) {
            left.set(Thread.currentThread());
            return departed;
          }
        };
    return new Drain(
        timeout, membership, () -> inUse, new AgentThreads(new ThreadGroup("weft")), log);
  }

  private static Duration time(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  @Test
  void leavesOnAThreadOfOursAndEndsWhenNothingIsInUseAnyMore() {
    AtomicInteger looks = new AtomicInteger();

    drain(LONG, true, Departed.KNOWN, () -> looks.incrementAndGet() < 20 ? 1 : 0).run();

    assertThat(left.get().getName()).isEqualTo("weft-drain");
    assertThat(looks).hasValueGreaterThan(20);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("draining", "drained after=");
  }

  @Test
  void aRequestThatArrivesWhileItIsQuietIsWaitedForToo() {
    AtomicInteger looks = new AtomicInteger();

    // The others know, but one of them had decided before.
    drain(LONG, true, Departed.KNOWN, () -> looks.incrementAndGet() == 5 ? 1 : 0).run();

    assertThat(looks).as("a whole quiet time after the fifth").hasValueGreaterThan(6);
  }

  @Test
  void whoServesNobodyOrMustNotDrainEndsAtOnce() {
    drain(LONG, false, Departed.KNOWN, () -> 1).run();
    drain(Duration.ZERO, true, Departed.KNOWN, () -> 1).run();

    assertThat(left.get()).isNull();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void whatNeverEndsIsCutAtTheTimeout() {
    Duration took = time(drain(Duration.ofMillis(400), true, Departed.KNOWN, () -> 3)::run);

    assertThat(took).isBetween(Duration.ofMillis(400), Duration.ofSeconds(20));
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("in use still: 3");
  }

  @Test
  void whereNobodyWasToldAMomentWithoutARequestWillDo() {
    AtomicInteger looks = new AtomicInteger();

    drain(LONG, true, Departed.UNTOLD, () -> looks.incrementAndGet() % 2).run();

    assertThat(looks).hasValue(2);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("was not told");
  }

  @Test
  void theThreadThatEndsTheJvmKeepsItsInterrupt() {
    Thread.currentThread().interrupt();

    drain(LONG, true, Departed.KNOWN, () -> 0).run();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("drained after=");
  }
}
