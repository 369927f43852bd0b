package dev.weft.instrumentation.okhttp;

import net.bytebuddy.asm.Advice;

/** Woven into {@code RealCall.cancel}: other calls may send the same request. */
public final class CancelAdvice {
  private CancelAdvice() {}

  /** Whatever became of the call itself. */
  @Advice.OnMethodExit(inline = false, onThrowable = Throwable.class, suppress = Throwable.class)
  public static void exit(@Advice.This Object call) {
    Raced.cancelled(call);
  }
}
