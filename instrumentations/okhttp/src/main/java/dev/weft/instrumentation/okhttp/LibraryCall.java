package dev.weft.instrumentation.okhttp;

import static java.lang.invoke.MethodType.methodType;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.reflect.Method;
import java.net.Proxy;
import java.net.ProxySelector;
import java.util.Arrays;
import okhttp3.Address;
import okhttp3.Connection;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The library's members that have no API, resolved once; if one is missing the instrumentation is
 * off. All of them are public in class files, and differ little from 4.5 to 5. Stateless.
 */
final class LibraryCall {
  private static final String CONNECTION = "okhttp3.internal.connection.";
  private static final String HTTP2 = "okhttp3.internal.http2.";

  private static final MethodHandle CALL;
  private static final MethodHandle EXCHANGE;
  private static final MethodHandle CLIENT;
  private static final MethodHandle ENTER;
  private static final MethodHandle EXIT;
  private static final MethodHandle HELD;
  private static final MethodHandle CANCEL;
  private static final MethodHandle RESET_CODE;
  private static final Object REFUSED_STREAM;
  private static final Class<?> STREAM_RESET;
  private static final Class<?> SHUTDOWN;

  /** Of OkHttp 5.4 and newer: an application's interceptor may set the proxy of one call. */
  private static final @Nullable MethodHandle PROXY;

  private static final @Nullable MethodHandle PROXY_SELECTOR;

  /** Of OkHttp 4: what wraps a failure to connect. */
  private static final @Nullable MethodHandle CONNECT_FAILURE;

  static {
    try {
      Lookup lookup = MethodHandles.lookup();
      Class<?> chain = Class.forName("okhttp3.internal.http.RealInterceptorChain");
      Class<?> call = Class.forName(CONNECTION + "RealCall");
      Class<?> exchange = Class.forName(CONNECTION + "Exchange");
      CALL = object(lookup.unreflect(chain.getMethod("getCall$okhttp")));
      EXCHANGE = object(lookup.unreflect(chain.getMethod("getExchange$okhttp")));
      CLIENT = object(lookup.unreflect(call.getMethod("getClient")), OkHttpClient.class);
      ENTER = enterHandle(lookup, call, chain);
      EXIT =
          lookup
              .unreflect(call.getMethod("exitNetworkInterceptorExchange$okhttp", boolean.class))
              .asType(methodType(void.class, Object.class, boolean.class));
      HELD = object(lookup.unreflect(call.getMethod("getConnection")), Connection.class);
      CANCEL =
          lookup
              .unreflect(exchange.getMethod("cancel"))
              .asType(methodType(void.class, Object.class));
      STREAM_RESET = Class.forName(HTTP2 + "StreamResetException");
      SHUTDOWN = Class.forName(HTTP2 + "ConnectionShutdownException");
      RESET_CODE = object(lookup.unreflectGetter(STREAM_RESET.getField("errorCode")));
      REFUSED_STREAM = Class.forName(HTTP2 + "ErrorCode").getField("REFUSED_STREAM").get(null);
      PROXY = optional(lookup, chain, "getProxy", Proxy.class);
      PROXY_SELECTOR = optional(lookup, chain, "getProxySelector", ProxySelector.class);
      Class<?> finder = finder();
      finder.getMethod("sameHostAndPort", HttpUrl.class);
      if (finder.getDeclaredField("address").getType() != Address.class) {
        throw new NoSuchFieldException("address");
      }
      CONNECT_FAILURE =
          finder.getName().endsWith("ExchangeFinder")
              ? object(
                  lookup.unreflect(
                      Class.forName(CONNECTION + "RouteException")
                          .getMethod("getFirstConnectException")))
              : null;
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private LibraryCall() {}

  /** The call that a chain belongs to. */
  static Object of(Interceptor.Chain chain) {
    try {
      return CALL.invokeExact((Object) chain);
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

  private static OkHttpClient client(Interceptor.Chain chain) {
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
    if (CONNECT_FAILURE == null
        || !thrown.getClass().getName().equals(CONNECTION + "RouteException")) {
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

  /** What decides which connection is used: a class of 5, else one of 4. */
  private static Class<?> finder() throws ClassNotFoundException {
    Class<?> finder = Class.forName(CONNECTION + "ExchangeFinder");
    return finder.isInterface() ? Class.forName(CONNECTION + "RealRoutePlanner") : finder;
  }

  /** The method got the chain as its third argument with OkHttp 5. */
  private static MethodHandle enterHandle(Lookup lookup, Class<?> call, Class<?> chain)
      throws ReflectiveOperationException {
    Method enter =
        Arrays.stream(call.getMethods())
            .filter(method -> method.getName().equals("enterNetworkInterceptorExchange"))
            .findFirst()
            .orElseThrow(() -> new NoSuchMethodException("enterNetworkInterceptorExchange"));
    MethodHandle handle = lookup.unreflect(enter);
    if (enter.getParameterCount() == 2) {
      handle = MethodHandles.dropArguments(handle, 3, chain);
    }
    return handle.asType(
        methodType(void.class, Object.class, Request.class, boolean.class, Object.class));
  }

  private static @Nullable MethodHandle optional(
      Lookup lookup, Class<?> owner, String name, Class<?> result) throws IllegalAccessException {
    try {
      return object(lookup.unreflect(owner.getMethod(name)), result);
    } catch (NoSuchMethodException e) {
      return null;
    }
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
