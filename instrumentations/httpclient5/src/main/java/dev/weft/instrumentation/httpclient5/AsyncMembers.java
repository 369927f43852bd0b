package dev.weft.instrumentation.httpclient5;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.net.InetAddress;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecChainHandler;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.jspecify.annotations.Nullable;

/** What the adapter of the asynchronous clients needs of the library; a probe. */
final class AsyncMembers {
  /** Of newer versions: {@code AsyncExecRuntime.disconnectEndpoint()}. */
  static final @Nullable MethodHandle DISCONNECT =
      Newer.method(AsyncExecRuntime.class, "disconnectEndpoint", MethodType.methodType(void.class));

  /** Of newer versions: {@code AsyncExecRuntime.upgradeTls} with a callback. */
  static final @Nullable MethodHandle UPGRADE =
      Newer.method(
          AsyncExecRuntime.class,
          "upgradeTls",
          MethodType.methodType(void.class, HttpClientContext.class, FutureCallback.class));

  /** Of newer versions: {@code HttpClientContext.setRequest}. */
  private static final @Nullable MethodHandle SET_REQUEST =
      Newer.method(
          HttpClientContext.class,
          "setRequest",
          MethodType.methodType(void.class, HttpRequest.class));

  /** Of newer versions: what the requests get that a GOAWAY leaves unprocessed. */
  private static final @Nullable Class<?> NOT_EXECUTED =
      Newer.type(
          AsyncExecRuntime.class.getClassLoader(),
          "org.apache.hc.core5.http.RequestNotExecutedException");

  static {
    try {
      Members.implemented(AsyncExecChainHandler.class, AsyncMeshExec.class);
      Members.implemented(AsyncExecRuntime.class, AsyncMeshRuntime.class);
      Members.implemented(AsyncClientExchangeHandler.class, Sending.class);
      Members.constructor(
          AsyncExecChain.Scope.class,
          String.class,
          HttpRoute.class,
          HttpRequest.class,
          CancellableDependency.class,
          HttpClientContext.class,
          AsyncExecRuntime.class);
      Members.constructor(HttpRoute.class, HttpHost.class, InetAddress.class, boolean.class);
      Members.constructor(HttpHost.class, String.class, InetAddress.class, String.class, int.class);
    } catch (NoSuchMethodException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private AsyncMembers() {}

  /** Sets the request that the application finds in the context. */
  static void setRequest(HttpClientContext context, HttpRequest request) {
    if (SET_REQUEST == null) {
      context.setAttribute(HttpCoreContext.HTTP_REQUEST, request);
    } else {
      Newer.call(() -> SET_REQUEST.invoke(context, request));
    }
  }

  /**
   * Whether any thread may close a connection that is in use: versions with {@link #DISCONNECT}.
   */
  static boolean closesOnAnyThread() {
    return DISCONNECT != null;
  }

  /** Whether the library knows that the peer did not look at the request. */
  static boolean notExecuted(Throwable failure) {
    return NOT_EXECUTED != null && NOT_EXECUTED.isInstance(failure);
  }
}
