package dev.weft.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the chaos story would call a leak. */
class LeaksTest {
  private static final Residue BEFORE = residue(8, 40, 0, 10 << 20, 2);

  private static Residue residue(int threads, int files, int halfClosed, long heap, int exchanges) {
    return new Residue(
        Map.of("weft-wire-#", threads, "main", 1),
        files,
        halfClosed,
        1 << 20,
        heap,
        Map.of("OutboundExchange", exchanges, "MeshConnection", 4));
  }

  @Test
  void whatIsAsItWasIsNoLeak() {
    assertThat(Leaks.between(BEFORE, BEFORE)).isEmpty();
  }

  @Test
  void moreThanTheBoundsIsOne() {
    assertThat(Leaks.between(BEFORE, residue(9, 40, 0, 10 << 20, 2))).hasSize(1);
    assertThat(Leaks.between(BEFORE, residue(8, 60, 0, 10 << 20, 2))).hasSize(1);
    assertThat(Leaks.between(BEFORE, residue(8, 40, 20, 10 << 20, 2))).hasSize(1);
    assertThat(Leaks.between(BEFORE, residue(8, 40, 0, 20 << 20, 2))).hasSize(1);
    assertThat(Leaks.between(BEFORE, residue(8, 40, 0, 10 << 20, 30))).hasSize(1);
  }

  @Test
  void oneThreadOfTimersIsNoLeakAndTwoAre() {
    assertThat(Leaks.between(BEFORE, with("weft-timer", 1))).isEmpty();
    assertThat(Leaks.between(BEFORE, with("weft-timer", 2))).hasSize(1);
    assertThat(Leaks.between(BEFORE, with("weft-hedge-#", 1))).hasSize(1);
  }

  private static Residue with(String thread, int count) {
    Map<String, Integer> threads = new HashMap<>(BEFORE.threads());
    threads.put(thread, count);
    return new Residue(
        threads,
        BEFORE.files(),
        BEFORE.halfClosed(),
        BEFORE.direct(),
        BEFORE.heap(),
        BEFORE.ours());
  }

  @Test
  void whatGrowsAndGrowsIsOneTooHoweverSlowly() {
    assertThat(Leaks.trend(seen(0))).isEmpty();
    assertThat(Leaks.trend(seen(300 << 10))).singleElement().asString().contains("heap");
  }

  private static List<Residue> seen(long growth) {
    return IntStream.range(0, 30)
        .mapToObj(i -> residue(8, 40, 0, (10 << 20) + i * growth, 2))
        .toList();
  }
}
