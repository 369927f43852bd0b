package dev.weft.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StreamGateTest {
  private final AtomicLong now = new AtomicLong(1);

  @Test
  void aFewAreLetInAtOnce() {
    StreamGate gate = new StreamGate(100, 50, now::get);

    for (int i = 0; i < 50; i++) {
      assertThat(gate.admit()).isZero();
    }
  }

  @Test
  void thoseWhoAreSentAwayHaveDifferentTurns() {
    StreamGate gate = new StreamGate(100, 50, now::get);
    Map<Long, Integer> turns = new HashMap<>();
    for (int i = 0; i < 550; i++) {
      Duration turn = gate.admit();
      if (!turn.isZero()) {
        turns.merge(turn.toSeconds(), 1, Integer::sum);
      }
    }

    assertThat(turns.keySet()).as("five seconds of turns").hasSizeBetween(5, 6);
    assertThat(turns.values()).allMatch(many -> many <= 101);
  }

  @Test
  void nobodyIsSentAwayForLong() {
    StreamGate gate = new StreamGate(100, 50, now::get);

    for (int i = 0; i < 100_000; i++) {
      assertThat(gate.admit()).isLessThanOrEqualTo(Duration.ofSeconds(20));
    }
  }

  @Test
  void twoThousandWhoKeepToTheirTurnsAreInWithinSecondsAndNeverMoreThanTheRate() {
    StreamGate gate = new StreamGate(500, 1000, now::get);
    PriorityQueue<Long> arrivals = new PriorityQueue<>();
    for (int i = 0; i < 2000; i++) {
      arrivals.add(1L + i); // all at once
    }
    Map<Long, Integer> perSecond = new HashMap<>();
    int tries = 0;
    while (!arrivals.isEmpty()) {
      now.set(Math.max(now.get(), arrivals.remove()));
      tries++;
      Duration turn = gate.admit();
      if (turn.isZero()) {
        perSecond.merge(now.get() / 1_000_000_000L, 1, Integer::sum);
      } else {
        long seconds = Math.max(1, turn.plusMillis(999).toSeconds()); // as Retry-After says
        arrivals.add(now.get() + seconds * 1_000_000_000L);
      }
    }

    assertThat(now.get()).isLessThan(Duration.ofSeconds(8).toNanos());
    assertThat(tries).isLessThan(6000);
    assertThat(perSecond.values()).allMatch(many -> many <= 1500);
  }
}
