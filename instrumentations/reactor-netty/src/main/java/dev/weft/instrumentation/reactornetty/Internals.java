package dev.weft.instrumentation.reactornetty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.timeout.ReadTimeoutException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.netty.http.client.HttpClientConfig;

/**
 * The members of the library that are not public and that the adapter needs of a running request,
 * resolved once; initialising this class is the probe for them. The library's {@code
 * HttpClientHandler}, {@code UriEndpoint} and {@code HttpClientOperations} appear as {@code
 * Object}. Stateless.
 */
final class Internals {
  private static final String CLIENT = "reactor.netty.http.client.";

  private static final MethodHandle NEW_HANDLER;
  private static final MethodHandle HANDLER_URI;
  private static final MethodHandle HANDLER_METHOD;
  private static final MethodHandle HANDLER_CHANNEL;
  private static final MethodHandle HANDLER_REQUEST;
  private static final MethodHandle HANDLER_PREVIOUS_HEADERS;
  private static final MethodHandle URI_ADDRESS;
  private static final MethodHandle URI_SECURE;
  private static final MethodHandle URI_TEXT;
  private static final MethodHandle RESPONSE_TIMEOUT;
  private static final MethodHandle INBOUND_NEXT;
  private static final MethodHandle TIMEOUT;
  private static final boolean TIMEOUT_TAKES_MESSAGE;
  private static final Class<?> REDIRECT;

  /** Null before 1.3. */
  private static final @Nullable Class<?> CHALLENGE;

  static {
    try {
      Class<?> handler = type("HttpClientConnect$HttpClientHandler");
      Class<?> uri = type("UriEndpoint");
      Class<?> operations = type("HttpClientOperations");
      Lookup inHandler = in(handler);
      Lookup inUri = in(uri);
      NEW_HANDLER =
          inHandler
              .findConstructor(handler, MethodType.methodType(void.class, HttpClientConfig.class))
              .asType(MethodType.methodType(Object.class, HttpClientConfig.class));
      HANDLER_URI = objectGetter(inHandler, handler, "toURI", Object.class, uri);
      HANDLER_METHOD =
          objectGetter(inHandler, handler, "method", HttpMethod.class, HttpMethod.class);
      HANDLER_CHANNEL =
          inHandler
              .findVirtual(handler, "channel", MethodType.methodType(void.class, operations))
              .asType(MethodType.methodType(void.class, Object.class, Object.class));
      HANDLER_REQUEST =
          inHandler
              .findVirtual(
                  handler, "requestWithBody", MethodType.methodType(Publisher.class, operations))
              .asType(MethodType.methodType(Publisher.class, Object.class, Object.class));
      HANDLER_PREVIOUS_HEADERS =
          inHandler
              .findSetter(handler, "previousRequestHeaders", HttpHeaders.class)
              .asType(MethodType.methodType(void.class, Object.class, HttpHeaders.class));
      URI_ADDRESS =
          inUri
              .findVirtual(uri, "getRemoteAddress", MethodType.methodType(SocketAddress.class))
              .asType(MethodType.methodType(SocketAddress.class, Object.class));
      URI_SECURE =
          inUri
              .findVirtual(uri, "isSecure", MethodType.methodType(boolean.class))
              .asType(MethodType.methodType(boolean.class, Object.class));
      URI_TEXT =
          inUri
              .findVirtual(uri, "toExternalForm", MethodType.methodType(String.class))
              .asType(MethodType.methodType(String.class, Object.class));
      RESPONSE_TIMEOUT =
          objectGetter(
              in(operations), operations, "responseTimeout", Duration.class, Duration.class);
      INBOUND_NEXT =
          in(operations)
              .findVirtual(
                  operations,
                  "onInboundNext",
                  MethodType.methodType(void.class, ChannelHandlerContext.class, Object.class))
              .asType(
                  MethodType.methodType(
                      void.class, Object.class, ChannelHandlerContext.class, Object.class));
      TIMEOUT_TAKES_MESSAGE = timeoutTakesMessage();
      TIMEOUT =
          in(ReadTimeoutException.class)
              .findConstructor(
                  ReadTimeoutException.class,
                  TIMEOUT_TAKES_MESSAGE
                      ? MethodType.methodType(void.class, String.class)
                      : MethodType.methodType(void.class));
      REDIRECT = type("RedirectClientException");
      CHALLENGE = optionalType("HttpClientAuthenticationException");
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Internals() {}

  /** The library's {@code HttpClientHandler}: where a request goes over all its redirects. */
  static Object handler(HttpClientConfig config) {
    try {
      return (Object) NEW_HANDLER.invokeExact(config);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static HttpMethod method(Object handler) {
    try {
      return (HttpMethod) HANDLER_METHOD.invokeExact(handler);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Where the application's request goes; unresolved as a rule. */
  static SocketAddress address(Object handler) {
    try {
      return (SocketAddress) URI_ADDRESS.invokeExact((Object) HANDLER_URI.invokeExact(handler));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static boolean secure(Object handler) {
    try {
      return (boolean) URI_SECURE.invokeExact((Object) HANDLER_URI.invokeExact(handler));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static String uri(Object handler) {
    try {
      return (String) URI_TEXT.invokeExact((Object) HANDLER_URI.invokeExact(handler));
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Tells the operations which redirects led here. */
  static void redirects(Object handler, Object operations) {
    try {
      HANDLER_CHANNEL.invokeExact(handler, operations);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Prepares the request and asks the application for its part. */
  static Publisher<?> request(Object handler, Object operations) {
    try {
      return (Publisher<?>) HANDLER_REQUEST.invokeExact(handler, operations);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static void previousHeaders(Object handler, HttpHeaders headers) {
    try {
      HANDLER_PREVIOUS_HEADERS.invokeExact(handler, headers);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static @Nullable Duration responseTimeout(Object operations) {
    try {
      return (Duration) RESPONSE_TIMEOUT.invokeExact(operations);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Gives the operations a message as if it had been received. */
  static void receive(Object operations, ChannelHandlerContext context, Object message) {
    try {
      INBOUND_NEXT.invokeExact(operations, context, message);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** The library's own timeout; where that takes no message, its cause has it. */
  static ReadTimeoutException timeout(String message) {
    try {
      if (TIMEOUT_TAKES_MESSAGE) {
        return (ReadTimeoutException) TIMEOUT.invokeExact(message);
      }
      ReadTimeoutException timeout = (ReadTimeoutException) TIMEOUT.invokeExact();
      timeout.initCause(new java.util.concurrent.TimeoutException(message));
      return timeout;
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Whether the failure is the library's way to say that another request must follow. */
  static boolean followUp(Throwable failure) {
    return failure.getClass() == REDIRECT || failure.getClass() == CHALLENGE;
  }

  /** Whether the library answers challenges by itself: since 1.3. */
  static boolean authenticates() {
    return CHALLENGE != null;
  }

  /** Old versions of Netty lack the constructor; in newer ones it fails an assertion of its own. */
  private static boolean timeoutTakesMessage() {
    try {
      return ReadTimeoutException.class.getConstructor(String.class).newInstance("") != null;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName(CLIENT + name, false, Internals.class.getClassLoader());
  }

  private static @Nullable Class<?> optionalType(String name) {
    try {
      return type(name);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  static Lookup in(Class<?> type) throws IllegalAccessException {
    return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
  }

  private static MethodHandle objectGetter(
      Lookup lookup, Class<?> owner, String name, Class<?> seen, Class<?> type)
      throws ReflectiveOperationException {
    return lookup.findGetter(owner, name, type).asType(MethodType.methodType(seen, Object.class));
  }

  /** What a member has thrown. */
  static RuntimeException rethrown(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return t instanceof RuntimeException runtime ? runtime : new IllegalStateException(t);
  }
}
