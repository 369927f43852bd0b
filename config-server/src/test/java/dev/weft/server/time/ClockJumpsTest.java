package dev.weft.server.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.TestClock;
import dev.weft.server.log.Log;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClockJumpsTest {
  private final TestClock clock = new TestClock();
  private final List<String> log = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final ClockJumps jumps = new ClockJumps(clock, Log.to(log::add));

  @Test
  void whereTimePassesNothingIsSaid() {
    clock.advance(Duration.ofDays(3));
    jumps.look();
    clock.jump(Duration.ofSeconds(2)); // as small corrections are
    jumps.look();

    assertThat(log).isEmpty();
    assertThat(jumps.count()).isZero();
    assertThat(jumps.last()).isEmpty();
  }

  @Test
  void aJumpIsSaidOnceByHowMuchAndWhere() {
    jumps.onJump(() -> told.add("first"));
    clock.jump(Duration.ofDays(3));
    jumps.look();
    jumps.look();

    assertThat(log)
        .singleElement()
        .asString()
        .contains("clock jumped forward by=PT", "compare it with that of the agents");
    assertThat(jumps.last().orElseThrow().by())
        .isBetween(Duration.ofDays(3).minusSeconds(5), Duration.ofDays(3).plusSeconds(5));
    assertThat(told).hasSize(1);

    clock.jump(Duration.ofDays(-3));
    jumps.look();
    assertThat(log).hasSize(2).last().asString().contains("clock jumped back by=PT");
    assertThat(jumps.count()).isEqualTo(2);
  }

  @Test
  void whatOneListenerCannotAnswerTheNextCan() {
    jumps.onJump(
        () -> {
          throw new IllegalStateException("no key");
        });
    jumps.onJump(() -> told.add("second"));
    clock.jump(Duration.ofHours(-1));
    jumps.look();

    assertThat(told).containsExactly("second");
    assertThat(log).last().asString().contains("no key");
  }
}
