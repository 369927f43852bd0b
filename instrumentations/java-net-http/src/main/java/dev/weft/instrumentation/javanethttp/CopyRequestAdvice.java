package dev.weft.instrumentation.javanethttp;

import java.net.Proxy;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.Advice.AssignReturned.ToArguments.ToArgument;
import org.jspecify.annotations.Nullable;

/**
 * Woven into the constructor {@code HttpRequestImpl(HttpRequest, ProxySelector)}, by which the
 * client copies what it was given: the copy learns where it is to be dialled.
 */
public final class CopyRequestAdvice {
  private CopyRequestAdvice() {}

  /** The client need not ask for proxies: a request for which one was selected is never meshed. */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments(@ToArgument(1))
  public static @Nullable ProxySelector enter(@Advice.Argument(0) HttpRequest request) {
    return request instanceof MeshRequest ? HttpClient.Builder.NO_PROXY : null;
  }

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
