package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.HiddenMembers;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.jspecify.annotations.Nullable;

/** What only newer versions of the asynchronous clients have. */
final class AsyncMembers {
  private static final String RUNTIME = "org.apache.hc.client5.http.async.AsyncExecRuntime";
  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  /** {@code AsyncExecRuntime.disconnectEndpoint()}. */
  static final @Nullable MethodHandle DISCONNECT =
      MEMBERS.optionalMethod(RUNTIME, "disconnectEndpoint", "()V");

  /** {@code AsyncExecRuntime.upgradeTls} with a callback. */
  static final @Nullable MethodHandle UPGRADE =
      MEMBERS.optionalMethod(
          RUNTIME,
          "upgradeTls",
          "(Lorg/apache/hc/client5/http/protocol/HttpClientContext;"
              + "Lorg/apache/hc/core5/concurrent/FutureCallback;)V");

  /** {@code HttpClientContext.setRequest}. */
  private static final @Nullable MethodHandle SET_REQUEST =
      MEMBERS.optionalMethod(
          "org.apache.hc.client5.http.protocol.HttpClientContext",
          "setRequest",
          "(Lorg/apache/hc/core5/http/HttpRequest;)V");

  /** What the requests get that a GOAWAY leaves unprocessed. */
  private static final @Nullable Class<?> NOT_EXECUTED =
      MEMBERS.optionalType("org.apache.hc.core5.http.RequestNotExecutedException");

  private AsyncMembers() {}

  /** Sets the request that the application finds in the context. */
  static void setRequest(HttpClientContext context, HttpRequest request) {
    if (SET_REQUEST == null) {
      context.setAttribute(HttpCoreContext.HTTP_REQUEST, request);
    } else {
      Newer.setRequest(SET_REQUEST, context, request);
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
