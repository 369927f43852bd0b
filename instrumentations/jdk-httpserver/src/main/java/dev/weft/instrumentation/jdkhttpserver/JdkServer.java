package dev.weft.instrumentation.jdkhttpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.weft.instrumentation.HiddenMembers;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** The members of {@code sun.net.httpserver} that the adapter needs, resolved once. Stateless. */
final class JdkServer {
  private static final String IMPLEMENTATION = "sun.net.httpserver.ExchangeImpl";

  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  private static final Class<?> LINK_HANDLER =
      MEMBERS.type("sun.net.httpserver.ServerImpl$Exchange$LinkHandler");

  private static final MethodHandle EXCHANGE =
      MEMBERS
          .staticMethod(
              IMPLEMENTATION,
              "get",
              "(Lcom/sun/net/httpserver/HttpExchange;)Lsun/net/httpserver/ExchangeImpl;")
          .asType(MethodType.methodType(Object.class, HttpExchange.class));

  /** Null where the field is final: then the request's headers stay as they came. */
  private static final @Nullable MethodHandle REQUEST_HEADERS = requestHeaders();

  private JdkServer() {}

  private static @Nullable MethodHandle requestHeaders() {
    MethodHandle setter =
        MEMBERS.optionalSetter(IMPLEMENTATION, "reqHdrs", "Lcom/sun/net/httpserver/Headers;");
    return setter == null
        ? null
        : setter.asType(MethodType.methodType(void.class, Object.class, Headers.class));
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
