package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Folders larger than anybody has are compiled in bounded time and memory, each in a JVM of its own
 * with a heap of 512 MiB. The bound is on processor time, of which a busy machine gives as little
 * as it likes; a cost that grows with the square of the size goes far beyond it. A tenth of the
 * size will do for every build; {@code -Dweft.hostile.full=true} asks for all of it.
 */
class HostileSizeTest {
  private static final int SHARE = Boolean.getBoolean("weft.hostile.full") ? 1 : 10;
  private static final Duration BOUND = Duration.ofSeconds(240 / Math.min(SHARE, 4));

  @TempDir Path folder;

  static Stream<Arguments> meshes() {
    return Stream.of(
        arguments("routes", inForce(50_000) + "{}, HTTPRoute default/r77 rule 0"),
        arguments("expressions", inForce(50_000) + "{}, HTTPRoute default/r0"),
        // More rules, and more matches, than Kubernetes takes in one route.
        arguments("rules", "1 in force, problems {WEFT029=2}, HTTPRoute default/r rule 77"),
        arguments("documents", inForce(100_000) + "{}, HTTPRoute default/r0"),
        arguments(
            "policies",
            inForce(40_000)
                + "{WEFT020=%d, WEFT023=%d, WEFT034=%d}"
                    .formatted(10_000 / SHARE, 10_000 / SHARE, 20_000 / SHARE - 2)),
        arguments(
            "faults-and-rules",
            inForce(6_000)
                + "{WEFT081=%d}".formatted(1_000 / SHARE - 16)
                + ", HTTPRoute default/r77 rule 0"));
  }

  private static String inForce(int documents) {
    return documents / SHARE + " in force, problems ";
  }

  @ParameterizedTest
  @MethodSource("meshes")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
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
                what,
                Integer.toString(SHARE))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      while (!java.waitFor(1, TimeUnit.SECONDS)) {
        Duration spent = java.info().totalCpuDuration().orElse(Duration.ZERO);
        assertThat(spent).as("processor time").isLessThan(BOUND);
      }
    } finally {
      java.destroyForcibly();
    }

    assertThat(Files.readString(output, StandardCharsets.UTF_8)).startsWith(expected);
    assertThat(java.exitValue()).isZero();
  }
}
