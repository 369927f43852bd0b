package dev.weft.instrumentation.reactornetty;

import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpClientHandler.channel(HttpClientOperations)}, which the library calls when
 * an attempt has its connection, before it looks at the URI.
 */
public final class UriAdvice {
  private UriAdvice() {}

  /** The attempt asks for what the application's own handler has found in the configuration. */
  @Advice.OnMethodEnter(inline = false)
  public static void enter(
      @Advice.This Object handler, @Advice.FieldValue("handler") @Nullable Object body) {
    if (body instanceof Sending sending) {
      sending.connected(handler);
    }
  }
}
