package dev.weft.instrumentation.httpurlconnection;

import net.bytebuddy.asm.Advice;

/** Woven into {@code HttpURLConnection.disconnect()}: ends a request that was given up. */
public final class DisconnectAdvice {
  private DisconnectAdvice() {}

  /** Only observes. */
  @Advice.OnMethodEnter(inline = false, suppress = Throwable.class)
  public static void enter(@Advice.This Object connection) {
    HttpUrlConnectionAdapter.end(connection, null);
  }
}
