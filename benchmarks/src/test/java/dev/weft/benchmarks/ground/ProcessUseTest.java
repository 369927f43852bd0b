package dev.weft.benchmarks.ground;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessUseTest {
  @Test
  void threadsThatCameCountFromZeroAndThreadsThatEndedDoNotCount() {
    ProcessUse before = new ProcessUse(Map.of("1", 1_000_000_000L, "2", 5_000_000_000L));
    ProcessUse after = new ProcessUse(Map.of("1", 1_500_000_000L, "3", 250_000_000L));

    assertThat(ProcessUse.seconds(before, after)).isEqualTo(0.75);
  }

  @Test
  void compilersAreLeftOut() {
    assertThat(ThreadTimes.isCompiler("C2 CompilerThre\n")).isTrue();
    assertThat(ThreadTimes.isCompiler("multiThreadIoEv\n")).isFalse();
  }

  @Test
  void workOfThisProcessShows() throws Exception {
    long self = ProcessHandle.current().pid();
    ProcessUse before = ProcessUse.of(self);
    long end = System.nanoTime() + 50_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }

    assertThat(ProcessUse.seconds(before, ProcessUse.of(self))).isPositive();
    assertThat(ProcessUse.proportionalSetSize(self)).isGreaterThan(1 << 20);
  }
}
