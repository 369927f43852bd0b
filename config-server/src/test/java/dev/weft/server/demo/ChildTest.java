package dev.weft.server.demo;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {
  private static final int OFTEN = 20;

  @Test
  void whoWaitsForALineHearsAtOnceThatTheProgramHasEnded(@TempDir Path logs) throws Exception {
    for (int i = 0; i < OFTEN; i++) {
      Child child = Child.start("short", new ProcessBuilder("sh", "-c", "sleep 0.02"), logs);

      assertThatThrownBy(() -> child.awaitLine("ready", Duration.ofSeconds(20)))
          .hasMessageStartingWith("short ended without saying");
    }
  }
}
