package dev.weft.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who loses, in whatever order things happen. */
class RaceTest {
  private final List<Object> losers = new ArrayList<>();
  private final Race<Object> race = new Race<>(losers::add);

  @Test
  void allLoseButTheWinner() {
    race.join("first");
    race.join("second");
    race.join("third");

    assertThat(race.won("second")).isTrue();

    assertThat(losers).containsExactly("first", "third");
    assertThat(race.underWay()).containsExactly("second");
  }

  @Test
  void whoHasLeftDoesNotLose() {
    race.join("first");
    race.join("second");
    race.leave("first");

    race.won("second");

    assertThat(losers).isEmpty();
  }

  @Test
  void nobodyJoinsARaceThatIsWon() {
    race.join("first");
    race.won("first");

    assertThat(race.join("second")).isFalse();
    assertThat(race.underWay()).containsExactly("first");
  }

  @Test
  void aRaceIsWonOnce() {
    race.join("first");
    race.join("second");
    race.won("first");

    assertThat(race.won("second")).isFalse();
    assertThat(losers).containsExactly("second");
  }

  @Test
  void allLoseARaceThatEndsAlsoItsWinner() {
    race.join("first");
    race.won("first");

    race.end();

    assertThat(losers).containsExactly("first");
    assertThat(race.over()).isTrue();
  }

  @Test
  void attemptsThatAreAlikeAreStillTwo() {
    Object one = new ArrayList<>();
    Object other = new ArrayList<>();
    race.join(one);
    race.join(other);

    race.won(other);

    assertThat(losers).hasSize(1).first().isSameAs(one);
  }
}
