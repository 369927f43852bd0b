package dev.weft.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.Parameter;

/** What else lives in a JVM, or limits it, and the agent get on with each other. */
@OnEachJdk
@Execution(ExecutionMode.CONCURRENT)
class NeighboursIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Parameter private Jdk jdk;

  // ---- the application's own ----

  @Test
  void aSecurityManagersPolicyNeedsNoLineForTheAgent() throws Exception {
    assumeTrue(jdk.feature() < 24, "JDK 24 has no security manager");
    LoneWorkload lone = LoneWorkload.of("policy", jdk);
    Path policy = lone.folder().resolve("app.policy");
    Files.writeString(
        policy,
        """
        grant {
          permission java.net.SocketPermission "*", "accept,connect,listen,resolve";
          permission java.lang.RuntimePermission "exitVM.0";
        };
        """);

    LoneWorkload.assertHeld(
        lone.play("Meshed", jdk, "-Djava.security.manager", "-Djava.security.policy==" + policy));
    LoneWorkload.assertHeld(
        lone.play("FirstUse", jdk, "-Djava.security.manager", "-Djava.security.policy==" + policy));
  }
}
