package dev.weft.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How far an agent has come, by what it answers for. */
class ProgressTest {
  private final Progress progress = new Progress();

  private void makes(String version, long round) {
    progress.made(version, round);
    progress.sent(round);
  }

  @Test
  void whoRunsWhatACompilationMadeIsAsFarAsThat() {
    makes("a", 1);
    makes("b", 2);
    assertThat(progress.behind(2)).isTrue();

    progress.answered("a", "");
    assertThat(progress.behind(2)).isTrue();
    progress.answered("b", "");
    assertThat(progress.behind(2)).isFalse();
  }

  @Test
  void anAnswerToAVersionThatIsNoLongerTheNewestCounts() {
    makes("a", 1);
    progress.answered("a", "");
    makes("b", 2);
    makes("c", 3);
    makes("d", 4);

    progress.answered("c", "");

    assertThat(progress.behind(3)).isFalse();
    assertThat(progress.behind(4)).isTrue();
  }

  @Test
  void whoseVersionStaysTheSameKeepsUpWithoutASingleWord() {
    makes("a", 1);
    progress.answered("a", "");
    progress.made("a", 2);
    progress.made("a", 3);

    assertThat(progress.behind(3)).isFalse();
    assertThat(progress.behind(4)).isTrue();
  }

  @Test
  void whatWasAnsweredBeforeSaysNothingOnceAnotherVersionIsOnItsWay() {
    makes("a", 1);
    progress.answered("a", "");
    makes("b", 2);
    makes("a", 3); // it may run "b" now

    assertThat(progress.behind(3)).isTrue();
    progress.answered("a", "");
    assertThat(progress.behind(3)).isFalse();
  }

  @Test
  void whoRefusesAVersionHasAnsweredForIt() {
    makes("a", 1);
    progress.answered("a", "");
    makes("b", 2);

    progress.answered("a", "b");

    assertThat(progress.behind(2)).isFalse();
    assertThat(progress.behind(3)).isTrue();
  }

  @Test
  void whoRunsNothingYetIsBehindNothingAndThenAsFarAsItsFirstVersion() {
    progress.came("");
    progress.made("a", 7);
    assertThat(progress.behind(7)).isFalse();

    progress.sent(7);
    assertThat(progress.behind(7)).isFalse();
    assertThat(progress.behind(8)).isTrue();
  }

  @Test
  void whoComesWithAVersionOfBeforeIsBehindUntilThatIsMadeAgain() {
    progress.came("of-the-server-before");
    assertThat(progress.behind(1)).isTrue();

    progress.made("of-the-server-before", 1);
    assertThat(progress.behind(1)).isFalse();
  }

  @Test
  void anAnswerToWhatIsForgottenCountsAsNone() {
    for (int round = 1; round <= Progress.REMEMBERED + 1; round++) {
      makes("v" + round, round);
    }
    progress.answered("v1", "");
    assertThat(progress.behind(2)).isTrue();

    progress.answered("v2", "");
    assertThat(progress.behind(2)).isFalse();
  }
}
