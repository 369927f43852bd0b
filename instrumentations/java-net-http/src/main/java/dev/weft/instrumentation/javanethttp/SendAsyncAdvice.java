package dev.weft.instrumentation.javanethttp;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpClientImpl.sendAsync(request, handler, push, executor)}: a request to the
 * mesh is taken over whole, the body of the method runs once per attempt.
 */
public final class SendAsyncAdvice {
  private SendAsyncAdvice() {}

  /** May refuse or reroute, so nothing is suppressed. */
  @Advice.OnMethodEnter(inline = false, skipOn = Advice.OnNonDefaultValue.class)
  public static @Nullable CompletableFuture<?> enter(
      @Advice.This Object client,
      @Advice.Argument(0) @Nullable HttpRequest request,
      @Advice.Argument(1) @Nullable BodyHandler<?> handler,
      @Advice.Argument(2) @Nullable PushPromiseHandler<?> push,
      @Advice.Argument(3) @Nullable Executor executor) {
    if (request == null || handler == null) {
      return null; // the client's own NullPointerException
    }
    return MeshCall.send(client, request, handler, push, executor);
  }

  /** Hands the mesh's future out in place of the skipped body's. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToReturned
  public static @Nullable CompletableFuture<?> exit(
      @Advice.Enter @Nullable CompletableFuture<?> ours) {
    return ours;
  }
}
