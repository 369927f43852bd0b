package dev.weft.instrumentation.jdkhttpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * The members of {@code sun.net.httpserver} that the adapter needs, resolved once; initialising
 * this class is the probe for all of them. Stateless.
 */
final class JdkServer {
  private static final Class<?> LINK_HANDLER;
  private static final MethodHandle EXCHANGE;

  /** Null where the field is final: then the request's headers stay as they came. */
  private static final @Nullable MethodHandle REQUEST_HEADERS;

  static {
    try {
      LINK_HANDLER = Class.forName("sun.net.httpserver.ServerImpl$Exchange$LinkHandler");
      Class<?> exchange = Class.forName("sun.net.httpserver.ExchangeImpl");
      EXCHANGE =
          MethodHandles.privateLookupIn(exchange, MethodHandles.lookup())
              .findStatic(exchange, "get", MethodType.methodType(exchange, HttpExchange.class))
              .asType(MethodType.methodType(Object.class, HttpExchange.class));
      REQUEST_HEADERS = requestHeaders(exchange);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("com.sun.net.httpserver has another shape than expected", e);
    }
  }

  private JdkServer() {}

  private static @Nullable MethodHandle requestHeaders(Class<?> exchange) {
    try {
      return MethodHandles.privateLookupIn(exchange, MethodHandles.lookup())
          .findSetter(exchange, "reqHdrs", Headers.class)
          .asType(MethodType.methodType(void.class, Object.class, Headers.class));
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /** Whether this handler leads from the user's filters to the server's own. */
  static boolean links(HttpHandler handler) {
    return LINK_HANDLER.isInstance(handler);
  }

  /** The {@code ExchangeImpl} behind what the application sees. */
  static Object exchange(HttpExchange exchange) {
    try {
      return (Object) EXCHANGE.invokeExact(exchange);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /** Gives the application other request headers; whether that is possible. */
  static boolean requestHeaders(HttpExchange exchange, Headers headers) {
    MethodHandle setter = REQUEST_HEADERS;
    if (setter == null) {
      return false;
    }
    try {
      setter.invokeExact(exchange(exchange), headers);
      return true;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }
}
