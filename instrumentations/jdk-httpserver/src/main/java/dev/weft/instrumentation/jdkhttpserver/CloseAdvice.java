package dev.weft.instrumentation.jdkhttpserver;

import net.bytebuddy.asm.Advice;

/**
 * Woven into {@code ExchangeImpl.close}, which {@code sendResponseHeaders} calls too: a late
 * response that never came, or one without body.
 */
public final class CloseAdvice {
  private CloseAdvice() {}

  /** Only observes. */
  @Advice.OnMethodExit(inline = false, suppress = Throwable.class)
  public static void exit(@Advice.This Object exchange, @Advice.FieldValue("rcode") int status) {
    LateResponses.answered(exchange, Math.max(status, 0)); // -1: nothing was sent
  }
}
