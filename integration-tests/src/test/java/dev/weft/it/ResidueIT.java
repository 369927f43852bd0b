package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** What connections leave behind when they are gone, and what they cost while nobody uses them. */
@OnEachJdk
class ResidueIT {
  private static final double PERCENT_OF_A_PROCESSOR = 5;

  @Parameter private Jdk jdk;

  @Test
  void nothingOfConnectionsStays() throws Exception {
    Child program =
        LoneWorkload.of("residue", jdk)
            .with(
                Map.of(
                    "ROUNDS", System.getProperty("weft.rounds", "15"),
                    "RELOADS", System.getProperty("weft.reloads", "5")))
            .play(
                "Residue",
                jdk.withEveryCompiler(),
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.security=ALL-UNNAMED");

    LoneWorkload.assertHeld(program);
  }

  @Test
  void idleConnectionsCostNothing() throws Exception {
    Child program =
        LoneWorkload.of("idle", jdk)
            .with(Map.of("CONNECTIONS", System.getProperty("weft.idleConnections", "200")))
            .play("Idle", jdk);

    String percent = program.awaitLine("idle ", Duration.ofMinutes(3));

    assertThat(Double.parseDouble(percent)).isLessThan(PERCENT_OF_A_PROCESSOR);
  }
}
