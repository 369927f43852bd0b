package dev.weft.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.identity.Pauses;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthWatchTest {
  private static final Duration EVERY = Duration.ofSeconds(5);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Boolean> told = new ArrayList<>();
  private final List<Duration> pauses = new ArrayList<>();

  /** Probes as long as there are results: {@code +} well, {@code -} not. */
  private void watch(String results) {
    Deque<Character> left = new ArrayDeque<>();
    results.chars().forEach(c -> left.add((char) c));
    Pauses pause =
        duration -> {
          pauses.add(duration);
          if (left.isEmpty()) {
            throw new InterruptedException();
          }
        };
    Log log = new Log(LogLevel.INFO, new PrintStream(out, true, StandardCharsets.UTF_8));
    new HealthWatch(
            () -> left.remove() == '+' ? Optional.empty() : Optional.of("status 500"),
            "http 8080/healthz",
            EVERY,
            told::add,
            pause,
            log)
        .run();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void oneGoodAnswerIsEnoughToBeWell() {
    watch("---+++");

    assertThat(told).containsExactly(true);
  }

  @Test
  void twoFailuresInARowAreNotEnoughToBeUnwell() {
    watch("+--+--+");

    assertThat(told).containsExactly(true);
  }

  @Test
  void threeFailuresInARowAreAndOneGoodAnswerHeals() {
    watch("+----+");

    assertThat(told).containsExactly(true, false, true);
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .hasSize(3)
        .anyMatch(line -> line.contains("health failing check=http 8080/healthz: status 500"));
  }

  @Test
  void whoIsNotWellIsAskedSooner() {
    watch("-+-");

    assertThat(pauses).containsExactly(Duration.ofSeconds(1), EVERY, EVERY);
  }
}
