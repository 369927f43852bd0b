package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Folders larger than anybody has are compiled in bounded time and memory, each in a JVM of its own
 * with a heap of 512 MiB. The bound on time is for a busy machine; a cost that grows with the
 * square of the size goes far beyond it.
 */
class HostileSizeTest {
  private static final int SECONDS = 240;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "routes, '50000 in force, 0 problems, HTTPRoute default/r77 rule 0'",
    "expressions, '50000 in force, 0 problems, HTTPRoute default/r0'",
    "rules, '1 in force, 0 problems, HTTPRoute default/r rule 77'",
    "documents, '100000 in force, 0 problems, HTTPRoute default/r0'",
    "policies, '40000 in force, '",
    "faults-and-rules, '6000 in force, 1984 problems, HTTPRoute default/r77 rule 0'",
  })
  void manyDocumentsAreCompiledInASmallHeap(String what, String expected)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                HostileMesh.class.getName(),
                what)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(java.waitFor(SECONDS, TimeUnit.SECONDS)).as("ends in %d s", SECONDS).isTrue();
    } finally {
      java.destroyForcibly();
    }

    assertThat(Files.readString(output, StandardCharsets.UTF_8)).startsWith(expected);
    assertThat(java.exitValue()).isZero();
  }
}
