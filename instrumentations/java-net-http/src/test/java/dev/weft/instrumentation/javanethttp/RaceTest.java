package dev.weft.instrumentation.javanethttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.testing.FakeClientMesh;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Whom a race cancels, in whatever order things happen. */
class RaceTest {
  private final Race race = new Race(Duration.ofHours(1));
  private final CompletableFuture<String> first = new CompletableFuture<>();
  private final CompletableFuture<String> second = new CompletableFuture<>();
  private final Attempt one = attempt();
  private final Attempt other = attempt();

  /** All of them are alike. */
  private static Attempt attempt() {
    return new Attempt(
        FakeClientMesh.address(80),
        List.of(),
        Duration.ZERO,
        Optional.empty(),
        Duration.ofSeconds(1));
  }

  private void join(Attempt attempt, CompletableFuture<String> future) {
    race.join(attempt, future, () -> {});
  }

  @Test
  void theLosersAreCancelledAndTheWinnerIsNot() {
    join(one, first);
    join(other, second);
    race.won(other);
    assertThat(first).isCancelled();
    assertThat(second).isNotDone();
  }

  @Test
  void anAnswerMayComeBeforeItsAttemptHasJoined() {
    race.won(one);
    join(one, first);
    join(other, second);
    assertThat(first).isNotDone();
    assertThat(second).as("came too late").isCancelled();
  }

  @Test
  void toCancelItIsToCancelAllAlsoThoseThatJoinLater() {
    join(one, first);
    race.cancel(true);
    join(other, second);
    assertThat(first).isCancelled();
    assertThat(second).isCancelled();
  }
}
