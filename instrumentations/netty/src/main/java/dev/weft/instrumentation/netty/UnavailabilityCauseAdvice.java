package dev.weft.instrumentation.netty;

import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/** Woven into {@code Epoll.unavailabilityCause()} and its like: libraries log what it says. */
public final class UnavailabilityCauseAdvice {
  private UnavailabilityCauseAdvice() {}

  /** A transport that could not be loaded has a reason of its own. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToReturned
  public static Throwable exit(
      @Advice.Origin("#t") String transport, @Advice.Return @Nullable Throwable own) {
    return own == null ? new UnsupportedOperationException(Steering.reason(transport)) : own;
  }
}
