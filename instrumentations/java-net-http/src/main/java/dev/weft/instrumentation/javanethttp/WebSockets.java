package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.HiddenMembers;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The opening handshake of a {@code WebSocket}. It is sent as any request, but marked in the
 * client's own class of requests: then the client writes {@code Upgrade}, keeps the connection out
 * of its pool, and takes it from the response. A response that does not give its connection out
 * would fail there, whatever its status. Stateless.
 */
final class WebSockets {
  private static final String HTTP_REQUEST = "jdk.internal.net.http.HttpRequestImpl";
  private static final String HTTP_RESPONSE = "jdk.internal.net.http.HttpResponseImpl";
  private static final String PROVIDER = "jdk.internal.net.http.websocket.RawChannel$Provider";

  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  private static final Class<?> REQUEST = MEMBERS.type(HTTP_REQUEST);

  private static final MethodHandle IS_WEB_SOCKET =
      MEMBERS
          .method(HTTP_REQUEST, "isWebSocket", "()Z")
          .asType(MethodType.methodType(boolean.class, Object.class));

  private static final MethodHandle SET_WEB_SOCKET =
      MEMBERS
          .method(HTTP_REQUEST, "isWebSocket", "(Z)V")
          .asType(MethodType.methodType(void.class, Object.class, boolean.class));

  private static final MethodHandle SET_SYSTEM_HEADER =
      MEMBERS
          .method(HTTP_REQUEST, "setSystemHeader", "(Ljava/lang/String;Ljava/lang/String;)V")
          .asType(MethodType.methodType(void.class, Object.class, String.class, String.class));

  private static final Class<?> RAW_CHANNEL_PROVIDER = MEMBERS.type(PROVIDER);

  private static final MethodHandle RAW_CHANNEL =
      MEMBERS
          .method(HTTP_RESPONSE, "rawChannel", "()Ljdk/internal/net/http/websocket/RawChannel;")
          .asType(MethodType.methodType(Object.class, Object.class));

  private static final MethodHandle CLOSE_RAW_CHANNEL =
      MEMBERS
          .method(HTTP_RESPONSE, "closeRawChannel", "()V")
          .asType(MethodType.methodType(void.class, Object.class));

  /** What the client itself writes, besides the headers of the request. */
  private static final List<String> UPGRADE = List.of("Upgrade", "websocket");

  private static final List<String> CONNECTION = List.of("Connection", "Upgrade");

  private WebSockets() {}

  /** Whether a request is a handshake. */
  static boolean opens(HttpRequest request) {
    try {
      return REQUEST.isInstance(request) && (boolean) IS_WEB_SOCKET.invokeExact((Object) request);
    } catch (Throwable t) {
      throw JdkClient.<RuntimeException>unchecked(t);
    }
  }

  /** Value of a header that the client adds to a handshake; empty: it adds no such. */
  static List<String> header(String name) {
    for (List<String> added : List.of(UPGRADE, CONNECTION)) {
      if (added.get(0).equalsIgnoreCase(name)) {
        return added.subList(1, 2);
      }
    }
    return List.of();
  }

  /** Makes a handshake of the client's copy of a request. */
  static void mark(Object copy) {
    try {
      SET_WEB_SOCKET.invokeExact(copy, true);
      for (List<String> added : List.of(UPGRADE, CONNECTION)) {
        SET_SYSTEM_HEADER.invokeExact(copy, added.get(0), added.get(1));
      }
    } catch (Throwable t) {
      throw JdkClient.<RuntimeException>unchecked(t);
    }
  }

  /**
   * What the client gets as the response to a request.
   *
   * @param received whose connection a handshake's response gives out; null: none has come
   */
  @SuppressWarnings("unchecked")
  static <T> HttpResponse<T> responseTo(
      HttpRequest request, HttpResponse<T> response, @Nullable HttpResponse<T> received) {
    if (!opens(request)) {
      return response;
    }
    return (HttpResponse<T>)
        Proxy.newProxyInstance(
            WebSockets.class.getClassLoader(),
            new Class<?>[] {HttpResponse.class, RAW_CHANNEL_PROVIDER},
            new Providing(response, received));
  }

  /** Ends the connection of a handshake's response that nobody gets; others are not touched. */
  static void drop(HttpRequest request, @Nullable HttpResponse<?> received) {
    if (received == null || !opens(request)) {
      return;
    }
    try {
      CLOSE_RAW_CHANNEL.invokeExact((Object) received);
    } catch (IOException e) {
      // It is closed all the same.
    } catch (Throwable t) {
      throw JdkClient.<RuntimeException>unchecked(t);
    }
  }

  /** A response that gives out the connection of another. */
  private record Providing(HttpResponse<?> response, @Nullable HttpResponse<?> received)
      implements InvocationHandler {
    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments)
        throws Throwable {
      if (method.getDeclaringClass() == RAW_CHANNEL_PROVIDER) {
        return provide(method.getName().equals("rawChannel"));
      }
      if (method.getName().equals("equals") && arguments != null) {
        return arguments[0] == self;
      }
      try {
        return method.invoke(response, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    private @Nullable Object provide(boolean open) throws Throwable {
      if (received == null) {
        return null; // nothing to close; and the client opens after a 101 only
      }
      if (open) {
        return (Object) RAW_CHANNEL.invokeExact((Object) received);
      }
      CLOSE_RAW_CHANNEL.invokeExact((Object) received);
      return null;
    }
  }
}
