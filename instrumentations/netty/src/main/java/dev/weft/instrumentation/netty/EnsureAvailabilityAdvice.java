package dev.weft.instrumentation.netty;

import dev.weft.instrumentation.Mesh;
import net.bytebuddy.asm.Advice;

/**
 * Woven into {@code Epoll.ensureAvailability()} and its like, which event loop groups call that
 * somebody constructs without asking first.
 */
public final class EnsureAvailabilityAdvice {
  private EnsureAvailabilityAdvice() {}

  /**
   * Refuses with the error that the method itself has for a transport it lacks; where it throws
   * that on its own, this is not reached.
   */
  @Advice.OnMethodExit(inline = false)
  public static void exit(@Advice.Origin("#t") String transport) {
    Mesh.transport().refused(transport);
    throw new UnsatisfiedLinkError(Steering.reason(transport) + Steering.remedy(transport));
  }
}
