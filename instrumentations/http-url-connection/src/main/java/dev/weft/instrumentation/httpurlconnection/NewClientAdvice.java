package dev.weft.instrumentation.httpurlconnection;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpClient.New(url, proxy, timeout, useCache, connection)}, which takes a
 * connection from the keep-alive cache or opens one: a request to the mesh gets one to the endpoint
 * that was chosen, or to the next one when that fails.
 */
public final class NewClientAdvice {
  private NewClientAdvice() {}

  /** May refuse or reroute, so nothing is suppressed. */
  @Advice.OnMethodEnter(inline = false, skipOn = Advice.OnNonDefaultValue.class)
  public static @Nullable Object enter(
      @Advice.Argument(0) URL url,
      @Advice.Argument(1) @Nullable Proxy proxy,
      @Advice.Argument(2) int connectTimeout,
      @Advice.Argument(3) boolean useCache,
      @Advice.Argument(4) @Nullable HttpURLConnection connection)
      throws IOException {
    return HttpUrlConnectionAdapter.dial(url, proxy, connectTimeout, useCache, connection);
  }

  /** Hands the endpoint's connection out in place of the skipped body's. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToReturned(typing = Assigner.Typing.DYNAMIC)
  public static @Nullable Object exit(@Advice.Enter @Nullable Object client) {
    return client;
  }
}
