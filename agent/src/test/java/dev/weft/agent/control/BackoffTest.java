package dev.weft.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant LATER = START.plusSeconds(61);

  /** Dice that always fall alike. */
  private static RandomGenerator always(double value) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        return 0;
      }

      @Override
      public double nextDouble() {
        return value;
      }
    };
  }

  @Test
  void waitsAreRandomUpToALimitThatDoubles() {
    Backoff most = new Backoff(always(1), START);
    Backoff none = new Backoff(always(0), START);
    for (long seconds : new long[] {1, 2, 4, 8, 16, 30, 30}) {
      assertThat(most.afterFailure(LATER)).isEqualTo(Duration.ofSeconds(seconds));
      assertThat(none.afterFailure(LATER)).isZero();
    }
  }

  @Test
  void aServerThatDoesNotListenIsSoughtEveryFewSeconds() {
    Backoff most = new Backoff(always(1), START);
    for (long seconds : new long[] {1, 2, 4, 4, 4}) {
      assertThat(most.afterRefusedConnect(LATER)).isEqualTo(Duration.ofSeconds(seconds));
    }
    // It listens, but cannot cope: that is another matter.
    assertThat(most.afterFailure(LATER)).isEqualTo(Duration.ofSeconds(8));
    assertThat(most.afterFailure(LATER)).isEqualTo(Duration.ofSeconds(16));
    assertThat(most.afterRefusedConnect(LATER)).isEqualTo(Duration.ofSeconds(4));
    assertThat(new Backoff(always(0), START).afterRefusedConnect(LATER)).isZero();
  }

  @Test
  void aConnectionBeginsAnew() {
    Backoff most = new Backoff(always(1), START);
    most.afterFailure(LATER);
    most.afterFailure(LATER);
    most.connected();

    assertThat(most.afterFailure(START)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aServerThatIsYetToAppearIsAskedForOften() {
    assertThat(new Backoff(always(1), START).afterFailure(START)).isEqualTo(Duration.ofSeconds(5));
    assertThat(new Backoff(always(0), START).afterFailure(START)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void manyFailuresDoNotOverflow() {
    Backoff most = new Backoff(always(1), START);
    for (int i = 0; i < 100; i++) {
      most.afterFailure(LATER);
    }
    for (int i = 0; i < 100; i++) {
      most.afterRefusal();
    }

    assertThat(most.afterRefusal()).isEqualTo(Duration.ofMinutes(12));
    assertThat(most.afterFailure(LATER)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void aBusyServerIsLeftAloneForAsLongAsItSaysAndUpToTwice() {
    Backoff backoff = new Backoff(new Random(1), Instant.EPOCH);

    for (int i = 0; i < 100; i++) {
      assertThat(backoff.afterBusy(Duration.ofSeconds(3)).toMillis()).isBetween(3000L, 6000L);
      assertThat(backoff.afterBusy(Duration.ofHours(3)).toMillis()).isBetween(30_000L, 60_000L);
      assertThat(backoff.afterBusy(Duration.ZERO).toMillis()).isBetween(100L, 200L);
    }
  }
}
