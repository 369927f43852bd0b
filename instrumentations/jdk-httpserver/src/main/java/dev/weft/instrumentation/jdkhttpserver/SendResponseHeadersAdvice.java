package dev.weft.instrumentation.jdkhttpserver;

import net.bytebuddy.asm.Advice;

/** Woven into {@code ExchangeImpl.sendResponseHeaders}: the outcome of late responses. */
public final class SendResponseHeadersAdvice {
  private SendResponseHeadersAdvice() {}

  /** Only observes. */
  @Advice.OnMethodExit(inline = false, suppress = Throwable.class)
  public static void exit(@Advice.This Object exchange, @Advice.Argument(0) int status) {
    LateResponses.answered(exchange, status);
  }
}
