package dev.weft.instrumentation.httpclient5;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.net.InetAddress;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.jspecify.annotations.Nullable;

/** What the adapter of the classic client needs of the library; a probe. */
final class ClassicMembers {
  /** Of newer versions: {@code ExecRuntime.execute} with a callback for interim responses. */
  static final @Nullable MethodHandle EXECUTE_INFORMED =
      Newer.method(
          ExecRuntime.class,
          "execute",
          MethodType.methodType(
              ClassicHttpResponse.class,
              String.class,
              ClassicHttpRequest.class,
              HttpResponseInformationCallback.class,
              HttpClientContext.class));

  static {
    try {
      Members.implemented(ExecChainHandler.class, MeshExec.class);
      Members.implemented(ExecRuntime.class, MeshRuntime.class);
      Members.constructor(
          ExecChain.Scope.class,
          String.class,
          HttpRoute.class,
          ClassicHttpRequest.class,
          ExecRuntime.class,
          HttpClientContext.class);
      Members.constructor(HttpRoute.class, HttpHost.class, InetAddress.class, boolean.class);
      Members.constructor(HttpHost.class, String.class, InetAddress.class, String.class, int.class);
    } catch (NoSuchMethodException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private ClassicMembers() {}
}
