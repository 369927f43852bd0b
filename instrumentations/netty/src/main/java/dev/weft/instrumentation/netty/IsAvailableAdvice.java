package dev.weft.instrumentation.netty;

import dev.weft.instrumentation.Mesh;
import net.bytebuddy.asm.Advice;

/** Woven into {@code Epoll.isAvailable()} and its like. */
public final class IsAvailableAdvice {
  private IsAvailableAdvice() {}

  /** Not suppressed: a transport that is used after all would speak plaintext. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.AsScalar(skipOnDefaultValue = false) // false is the value we are here for
  @Advice.AssignReturned.ToReturned
  public static boolean exit(
      @Advice.Origin("#t") String transport, @Advice.Return boolean available) {
    if (available) {
      Mesh.transport().steered(transport);
    }
    return false;
  }
}
