package dev.weft.instrumentation.javanethttp;

import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.Advice.AssignReturned.ToArguments.ToArgument;
import net.bytebuddy.asm.Advice.AssignReturned.ToFields.ToField;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Woven into the constructor {@code HttpRequestImpl(HttpRequest, ProxySelector)}, by which the
 * client copies what it was given: the copy learns where it is to be dialled, and what is to be
 * sent beside the application's headers.
 */
public final class CopyRequestAdvice {
  private CopyRequestAdvice() {}

  /** The client need not ask for proxies: a request for which one was selected is never meshed. */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments(@ToArgument(1))
  public static @Nullable ProxySelector enter(@Advice.Argument(0) HttpRequest request) {
    return request instanceof MeshRequest ? HttpClient.Builder.NO_PROXY : null;
  }

  /** The field of the proxy is free, as none was selected; null: leave both fields. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToFields({
    @ToField(value = "proxy", index = 0, typing = Assigner.Typing.DYNAMIC),
    @ToField(value = "userHeaders", index = 1, typing = Assigner.Typing.DYNAMIC)
  })
  public static Object @Nullable [] exit(
      @Advice.This Object copy,
      @Advice.Argument(0) HttpRequest request,
      @Advice.FieldValue("userHeaders") HttpHeaders headers) {
    if (!(request instanceof MeshRequest ours)) {
      return null;
    }
    if (ours.opensWebSocket()) {
      WebSockets.mark(copy);
    }
    return new Object[] {ours.destination(), ours.sent(headers)};
  }
}
