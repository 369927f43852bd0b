package dev.weft.instrumentation.httpclient5;

import java.util.List;
import net.bytebuddy.asm.Advice;
import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpAsyncClientBuilder.build()}, as {@link BuildAdvice} into the classic
 * client's.
 */
public final class BuildAsyncAdvice {
  private BuildAsyncAdvice() {}

  /** Returns whether the builder's retry strategy is ours; an application's own stays. */
  @Advice.OnMethodEnter(inline = false)
  public static boolean enter(
      @Advice.This HttpAsyncClientBuilder builder,
      @Advice.FieldValue("retryStrategy") @Nullable HttpRequestRetryStrategy strategy) {
    builder.addExecInterceptorBefore(
        ChainElement.CONNECT.name(),
        HttpAsyncClient5Instrumentation.NAME,
        new AsyncMeshExec(PoolKind.CONNECTIONS));
    if (strategy == null) {
      builder.setRetryStrategy(new MeshRetryStrategy());
    }
    return strategy == null;
  }

  /** Takes out what enter put in: it was the last. */
  @Advice.OnMethodExit(inline = false, onThrowable = Throwable.class)
  public static void exit(
      @Advice.This HttpAsyncClientBuilder builder,
      @Advice.FieldValue("execInterceptors") List<?> interceptors,
      @Advice.Enter boolean ours) {
    interceptors.remove(interceptors.size() - 1);
    if (ours) {
      builder.setRetryStrategy(null);
    }
  }
}
