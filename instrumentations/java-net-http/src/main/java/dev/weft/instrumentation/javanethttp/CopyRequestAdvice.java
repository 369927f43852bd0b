package dev.weft.instrumentation.javanethttp;

import java.net.Proxy;
import java.net.http.HttpRequest;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Woven into the constructor {@code HttpRequestImpl(HttpRequest, ProxySelector)}, by which the
 * client copies what it was given: the copy learns where it is to be dialled.
 */
public final class CopyRequestAdvice {
  private CopyRequestAdvice() {}

  /** The field is free: a request for which a proxy was selected is never meshed. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToFields(@Advice.AssignReturned.ToFields.ToField("proxy"))
  public static @Nullable Proxy exit(
      @Advice.This Object copy, @Advice.Argument(0) HttpRequest request) {
    if (!(request instanceof MeshRequest ours)) {
      return null;
    }
    if (ours.opensWebSocket()) {
      WebSockets.mark(copy);
    }
    return ours.destination();
  }
}
