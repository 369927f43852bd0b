package dev.weft.it;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** Faults of the agent itself end one connection, in a way that the JDK's own methods could. */
@OnEachJdk
class FaultsIT {
  @Parameter private Jdk jdk;

  @Test
  void nothingTheAgentThrowsReachesTheApplicationButWhatTheJdkDeclares() throws Exception {
    LoneWorkload.assertHeld(LoneWorkload.of("faults", jdk).play("Faults", jdk.withEveryCompiler()));
  }

  @Test
  void aStackOverflowInTheMiddleOfARecordSendsNothingElse() throws Exception {
    LoneWorkload.assertHeld(
        LoneWorkload.of("deep-stack", jdk).play("DeepStack", jdk.withEveryCompiler()));
  }
}
