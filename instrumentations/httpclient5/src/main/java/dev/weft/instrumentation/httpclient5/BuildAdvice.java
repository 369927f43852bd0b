package dev.weft.instrumentation.httpclient5;

import java.util.List;
import net.bytebuddy.asm.Advice;
import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpClientBuilder.build()}: what is built gets our handler next to the one that
 * connects, below those of the application, and the builder is left as it was.
 */
public final class BuildAdvice {
  private BuildAdvice() {}

  /** Returns whether the builder's retry strategy is ours; an application's own stays. */
  @Advice.OnMethodEnter(inline = false)
  public static boolean enter(
      @Advice.This HttpClientBuilder builder,
      @Advice.FieldValue("retryStrategy") @Nullable HttpRequestRetryStrategy strategy) {
    builder.addExecInterceptorBefore(
        ChainElement.CONNECT.name(), HttpClient5Instrumentation.NAME, new MeshExec());
    if (strategy == null) {
      builder.setRetryStrategy(new MeshRetryStrategy());
    }
    return strategy == null;
  }

  /** Takes out what enter put in: it was the last. */
  @Advice.OnMethodExit(inline = false, onThrowable = Throwable.class)
  public static void exit(
      @Advice.This HttpClientBuilder builder,
      @Advice.FieldValue("execInterceptors") List<?> interceptors,
      @Advice.Enter boolean ours) {
    interceptors.remove(interceptors.size() - 1);
    if (ours) {
      builder.setRetryStrategy(null);
    }
  }
}
