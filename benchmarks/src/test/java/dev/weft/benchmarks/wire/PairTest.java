package dev.weft.benchmarks.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.benchmarks.ground.Window;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ground itself, with real JVMs and every kind of load, each for a moment. */
class PairTest {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"NETTY, PLAIN", "TOMCAT, JSSE"})
  void everyKindOfLoadIsAnsweredAndTheWireIsWhatItClaims(Stack stack, Variant variant)
      throws Exception {
    Ground ground = Ground.prepare(JAVA, Path.of("no-agent-here.jar"), folder);
    try (Pair pair = new Pair(ground, stack, variant, "pair")) {
      assertThat(pair.run("once", 1).figure("millis")).isPositive();
      Probe probe = pair.probe();
      assertThat(variant.encrypted() ? probe.mutualTlsOnly() : probe.plaintextOnly())
          .as(probe.toString())
          .isTrue();
      Window open = pair.run("open 200 0.2 1 4", 1);
      assertThat(open.figure("requests")).isBetween(10.0, 100.0);
      assertThat(open.figure("p50")).isBetween(1.0, open.figure("max"));
      assertThat(open.cpuSeconds()).isPositive();
      assertThat(pair.run("closed 0.1 4", 1).figure("count")).isPositive();
      assertThat(pair.run("fresh 0.1 2", 1).figure("count")).isPositive();
      assertThat(pair.run("bulk 0.1 2", 1).figure("count")).isPositive();
      pair.run("idle 20", 1);
      assertThat(pair.footprint()).isPositive();
      pair.run("idle 0", 1);
    }
  }
}
