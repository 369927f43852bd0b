package dev.weft.instrumentation.okhttp;

import static java.lang.invoke.MethodType.methodType;

import dev.weft.instrumentation.HiddenMembers;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.net.Proxy;
import java.net.ProxySelector;
import java.util.List;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.ConnectionPool;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The library's members that have no API, resolved once. All of them are public in class files, and
 * differ little from 4.5 to 5. Stateless.
 */
final class LibraryCall {
  private static final String CONNECTION = "okhttp3.internal.connection.";
  private static final String HTTP2 = "okhttp3.internal.http2.";
  private static final String CHAIN = "okhttp3.internal.http.RealInterceptorChain";
  private static final String REAL_CALL = CONNECTION + "RealCall";
  private static final String RESET = HTTP2 + "StreamResetException";
  private static final String WRAPPED = CONNECTION + "RouteException";
  private static final String ENTERING = "enterNetworkInterceptorExchange";

  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  private static final MethodHandle CALL =
      object(MEMBERS.method(CHAIN, "getCall$okhttp", "()Lokhttp3/internal/connection/RealCall;"));

  private static final MethodHandle INTERCEPTORS =
      object(MEMBERS.getter(CHAIN, "interceptors", "Ljava/util/List;"), List.class);

  private static final MethodHandle EXCHANGE =
      object(
          MEMBERS.method(CHAIN, "getExchange$okhttp", "()Lokhttp3/internal/connection/Exchange;"));

  private static final MethodHandle CLIENT =
      object(
          MEMBERS.method(REAL_CALL, "getClient", "()Lokhttp3/OkHttpClient;"), OkHttpClient.class);

  private static final MethodHandle RESPONSE =
      object(
          MEMBERS.method(
              REAL_CALL, "getResponseWithInterceptorChain$okhttp", "()Lokhttp3/Response;"),
          Response.class);

  private static final MethodHandle ENTER = enterHandle();

  private static final MethodHandle EXIT =
      MEMBERS
          .method(REAL_CALL, "exitNetworkInterceptorExchange$okhttp", "(Z)V")
          .asType(methodType(void.class, Object.class, boolean.class));

  private static final MethodHandle HELD =
      object(
          MEMBERS.method(
              REAL_CALL, "getConnection", "()Lokhttp3/internal/connection/RealConnection;"),
          Connection.class);

  private static final MethodHandle CANCEL =
      MEMBERS
          .method(CONNECTION + "Exchange", "cancel", "()V")
          .asType(methodType(void.class, Object.class));

  private static final MethodHandle RESET_CODE =
      object(MEMBERS.getter(RESET, "errorCode", "Lokhttp3/internal/http2/ErrorCode;"));

  private static final Object REFUSED_STREAM = refusedStream();
  private static final Class<?> STREAM_RESET = MEMBERS.type(RESET);
  private static final Class<?> SHUTDOWN = MEMBERS.type(HTTP2 + "ConnectionShutdownException");

  /** Of OkHttp 5.4 and newer: an application's interceptor may set the proxy of one call. */
  private static final @Nullable MethodHandle PROXY =
      optional(MEMBERS.optionalMethod(CHAIN, "getProxy", "()Ljava/net/Proxy;"), Proxy.class);

  private static final @Nullable MethodHandle PROXY_SELECTOR =
      optional(
          MEMBERS.optionalMethod(CHAIN, "getProxySelector", "()Ljava/net/ProxySelector;"),
          ProxySelector.class);

  private static final @Nullable MethodHandle SOCKETS =
      optional(
          MEMBERS.optionalMethod(CHAIN, "getSocketFactory", "()Ljavax/net/SocketFactory;"),
          SocketFactory.class);

  private static final @Nullable MethodHandle POOL =
      optional(
          MEMBERS.optionalMethod(CHAIN, "getConnectionPool", "()Lokhttp3/ConnectionPool;"),
          ConnectionPool.class);

  /** Of OkHttp 4: what wraps a failure to connect. */
  private static final @Nullable MethodHandle CONNECT_FAILURE =
      optional(
          MEMBERS.optionalMethod(WRAPPED, "getFirstConnectException", "()Ljava/io/IOException;"),
          Object.class);

  private LibraryCall() {}

  /** The call that a chain belongs to. */
  static Object of(Interceptor.Chain chain) {
    try {
      return CALL.invokeExact((Object) chain);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** All of the call. */
  @SuppressWarnings("unchecked")
  static List<Interceptor> interceptors(Interceptor.Chain chain) {
    try {
      return (List<Interceptor>) (List<?>) INTERCEPTORS.invokeExact((Object) chain);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** The exchange of a chain behind the connection. */
  static Object exchange(Interceptor.Chain chain) {
    try {
      return EXCHANGE.invokeExact((Object) chain);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /**
   * Prepares the call to look for a connection, with a memory free of earlier failures.
   *
   * @param endpoint where to; null: where the request's URL says
   */
  static void enter(
      Object call, Request request, Interceptor.Chain chain, @Nullable Endpoint endpoint) {
    Endpoint.current(endpoint);
    try {
      ENTER.invokeExact(call, request, true, (Object) chain);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    } finally {
      Endpoint.current(null);
    }
  }

  /** Ends what is left of the exchange that {@link #enter} prepared. */
  static void exit(Object call) {
    try {
      EXIT.invokeExact(call, true);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** The connection that the call holds from its last exchange; null: none. */
  static @Nullable Connection held(Object call) {
    try {
      return (Connection) HELD.invokeExact(call);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** Cancels an exchange; of an HTTP/2 connection nothing but its stream. */
  static void cancel(Object exchange) {
    try {
      CANCEL.invokeExact(exchange);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** The proxy that the application demands; null: its selector decides. */
  static @Nullable Proxy proxy(Interceptor.Chain chain) {
    try {
      return PROXY == null ? client(chain).proxy() : (Proxy) PROXY.invokeExact((Object) chain);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  static ProxySelector proxySelector(Interceptor.Chain chain) {
    try {
      return PROXY_SELECTOR == null
          ? client(chain).proxySelector()
          : (ProxySelector) PROXY_SELECTOR.invokeExact((Object) chain);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** Runs a call's interceptors, and nothing else that belongs to a call. */
  static Response response(Call call) throws IOException {
    try {
      return (Response) RESPONSE.invokeExact((Object) call);
    } catch (Throwable t) {
      throw LibraryCall.<IOException>rethrow(t);
    }
  }

  /** Gives a client what the application's interceptors may have set for one call. */
  static void likewise(Interceptor.Chain chain, OkHttpClient.Builder client) {
    if (SOCKETS == null || POOL == null) {
      return;
    }
    try {
      client.socketFactory((SocketFactory) SOCKETS.invokeExact((Object) chain));
      client.connectionPool((ConnectionPool) POOL.invokeExact((Object) chain));
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** The application's client. */
  static OkHttpClient client(Interceptor.Chain chain) {
    try {
      return (OkHttpClient) CLIENT.invokeExact(of(chain));
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** What the library would show of a failure; null: it comes from elsewhere. */
  static @Nullable IOException failure(Exception thrown) {
    if (thrown instanceof IOException io) {
      return io;
    }
    if (CONNECT_FAILURE == null || !thrown.getClass().getName().equals(WRAPPED)) {
      return null;
    }
    try {
      return (IOException) (Object) CONNECT_FAILURE.invokeExact((Object) thrown);
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** Whether the peer says that it has not processed the request. */
  static boolean refused(IOException failure) {
    try {
      return STREAM_RESET.isInstance(failure)
          && (Object) RESET_CODE.invokeExact((Object) failure) == REFUSED_STREAM;
    } catch (Throwable t) {
      throw LibraryCall.<RuntimeException>rethrow(t);
    }
  }

  /** Whether an HTTP/2 connection took no stream any more, so that nothing was written. */
  static boolean shutDown(IOException failure) {
    return SHUTDOWN.isInstance(failure);
  }

  /** The method got the chain as its third argument with OkHttp 5. */
  private static MethodHandle enterHandle() {
    MethodHandle enter =
        MEMBERS.optionalMethod(
            REAL_CALL,
            ENTERING,
            "(Lokhttp3/Request;ZLokhttp3/internal/http/RealInterceptorChain;)V");
    if (enter == null) {
      MethodHandle shorter = MEMBERS.optionalMethod(REAL_CALL, ENTERING, "(Lokhttp3/Request;Z)V");
      if (shorter == null) {
        throw new LinkageError(ENTERING + " of RealCall takes other arguments than expected");
      }
      enter = MethodHandles.dropArguments(shorter, 3, Object.class);
    }
    return enter.asType(
        methodType(void.class, Object.class, Request.class, boolean.class, Object.class));
  }

  private static Object refusedStream() {
    try {
      return MEMBERS
          .staticGetter(HTTP2 + "ErrorCode", "REFUSED_STREAM", "Lokhttp3/internal/http2/ErrorCode;")
          .invoke();
    } catch (Throwable t) {
      throw new ExceptionInInitializerError(t);
    }
  }

  private static @Nullable MethodHandle optional(@Nullable MethodHandle getter, Class<?> result) {
    return getter == null ? null : object(getter, result);
  }

  private static MethodHandle object(MethodHandle getter) {
    return object(getter, Object.class);
  }

  private static MethodHandle object(MethodHandle getter, Class<?> result) {
    return getter.asType(methodType(result, Object.class));
  }

  /** Rethrows what a handle threw as it is: the library's own methods throw the same. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E rethrow(Throwable t) throws E {
    throw (E) t;
  }
}
