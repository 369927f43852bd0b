package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.Parameter;

/** Faults of the agent itself end one connection, in a way that the JDK's own methods could. */
@OnEachJdk
@Execution(ExecutionMode.CONCURRENT)
class FaultsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @Parameter private Jdk jdk;

  @Test
  void nothingTheAgentThrowsReachesTheApplicationButWhatTheJdkDeclares() throws Exception {
    Child faults =
        LoneWorkload.of("faults", jdk)
            .run("faults", jdk, List.of("-cp", Built.programs(), "app.Faults"));

    faults.awaitLine("done", PATIENCE);

    assertThat(faults.stdout())
        .as("what went wrong (see the process's own log for more)")
        .allMatch(line -> line.endsWith(" ok") || line.equals("done"));
  }
}
