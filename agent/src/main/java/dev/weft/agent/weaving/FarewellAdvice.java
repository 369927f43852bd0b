package dev.weft.agent.weaving;

import dev.weft.bootstrap.Farewell;
import net.bytebuddy.asm.Advice;

/**
 * Woven into {@code ApplicationShutdownHooks.runHooks()}, which the thread calls that ends the JVM:
 * of SIGTERM, of {@code System.exit}, or the one that noticed that no other is left. {@code halt}
 * does not pass there.
 */
final class FarewellAdvice {
  private FarewellAdvice() {}

  @Advice.OnMethodEnter
  static void enter() {
    Farewell.say();
  }
}
