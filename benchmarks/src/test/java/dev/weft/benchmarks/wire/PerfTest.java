package dev.weft.benchmarks.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PerfTest {
  private static final List<String> REPORT =
      List.of(
          "# Samples: 4K of event 'cpu-clock'",
          "",
          "     7.01%|[kernel.kallsyms]|[k] tcp_ack",
          "     2.00%|[JIT] tid 11|[.] int a.B.encrypt(byte, java.nio.ByteBuffer)",
          "     1.50%|[JIT] tid 12|[.] int a.B.encrypt(byte, java.nio.ByteBuffer)",
          "     0.50%|libjvm.so|[.] ObjectMonitor::enter(JavaThread*)");

  @Test
  void aMethodIsOneLineInBothJvms() {
    assertThat(Perf.shares(REPORT, name -> name))
        .containsExactly(
            "    7.0 %  kernel tcp_ack",
            "    3.5 %  java a.B.encrypt",
            "    0.5 %  libjvm.so ObjectMonitor::enter(JavaThread*)");
  }

  @Test
  void theKernelsShareIsTold() {
    assertThat(Perf.shares(REPORT, name -> name.substring(0, name.indexOf(' '))))
        .contains("    7.0 %  kernel", "    3.5 %  java");
  }
}
