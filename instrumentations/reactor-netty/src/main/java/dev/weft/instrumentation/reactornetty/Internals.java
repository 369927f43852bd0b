package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.HiddenMembers;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.timeout.ReadTimeoutException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.netty.http.client.HttpClientConfig;

/**
 * The members of the library that are not public and that the adapter needs of a running request,
 * resolved once. The library's {@code HttpClientHandler}, {@code UriEndpoint} and {@code
 * HttpClientOperations} appear as {@code Object}. Stateless.
 */
final class Internals {
  private static final String CLIENT = "reactor.netty.http.client.";
  private static final String HANDLER = CLIENT + "HttpClientConnect$HttpClientHandler";
  private static final String URI = CLIENT + "UriEndpoint";
  private static final String OPERATIONS = CLIENT + "HttpClientOperations";
  private static final String READ_TIMEOUT = "io.netty.handler.timeout.ReadTimeoutException";

  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  private static final MethodHandle NEW_HANDLER =
      MEMBERS
          .constructor(HANDLER, "(Lreactor/netty/http/client/HttpClientConfig;)V")
          .asType(MethodType.methodType(Object.class, HttpClientConfig.class));

  private static final MethodHandle HANDLER_URI =
      object(
          MEMBERS.getter(HANDLER, "toURI", "Lreactor/netty/http/client/UriEndpoint;"),
          Object.class);

  private static final MethodHandle SET_HANDLER_URI =
      MEMBERS
          .setter(HANDLER, "toURI", "Lreactor/netty/http/client/UriEndpoint;")
          .asType(MethodType.methodType(void.class, Object.class, Object.class));

  private static final MethodHandle SET_HANDLER_FROM =
      MEMBERS
          .setter(HANDLER, "fromURI", "Lreactor/netty/http/client/UriEndpoint;")
          .asType(MethodType.methodType(void.class, Object.class, Object.class));

  private static final MethodHandle HANDLER_METHOD =
      object(
          MEMBERS.getter(HANDLER, "method", "Lio/netty/handler/codec/http/HttpMethod;"),
          HttpMethod.class);

  private static final MethodHandle HANDLER_CHANNEL =
      MEMBERS
          .method(HANDLER, "channel", "(Lreactor/netty/http/client/HttpClientOperations;)V")
          .asType(MethodType.methodType(void.class, Object.class, Object.class));

  private static final MethodHandle HANDLER_REQUEST =
      MEMBERS
          .method(
              HANDLER,
              "requestWithBody",
              "(Lreactor/netty/http/client/HttpClientOperations;)Lorg/reactivestreams/Publisher;")
          .asType(MethodType.methodType(Publisher.class, Object.class, Object.class));

  private static final MethodHandle HANDLER_PREVIOUS_HEADERS =
      MEMBERS
          .setter(HANDLER, "previousRequestHeaders", "Lio/netty/handler/codec/http/HttpHeaders;")
          .asType(MethodType.methodType(void.class, Object.class, HttpHeaders.class));

  private static final MethodHandle URI_ADDRESS =
      object(
          MEMBERS.method(URI, "getRemoteAddress", "()Ljava/net/SocketAddress;"),
          SocketAddress.class);

  private static final MethodHandle URI_PATH =
      object(MEMBERS.method(URI, "getPathAndQuery", "()Ljava/lang/String;"), String.class);

  private static final MethodHandle URI_SECURE =
      object(MEMBERS.method(URI, "isSecure", "()Z"), boolean.class);

  private static final MethodHandle URI_TEXT =
      object(MEMBERS.method(URI, "toExternalForm", "()Ljava/lang/String;"), String.class);

  private static final MethodHandle RESPONSE_TIMEOUT =
      object(MEMBERS.getter(OPERATIONS, "responseTimeout", "Ljava/time/Duration;"), Duration.class);

  private static final MethodHandle INBOUND_NEXT =
      MEMBERS
          .method(
              OPERATIONS,
              "onInboundNext",
              "(Lio/netty/channel/ChannelHandlerContext;Ljava/lang/Object;)V")
          .asType(
              MethodType.methodType(
                  void.class, Object.class, ChannelHandlerContext.class, Object.class));

  private static final boolean TIMEOUT_TAKES_MESSAGE = timeoutTakesMessage();
  private static final MethodHandle TIMEOUT = timeoutHandle();
  private static final Class<?> REDIRECT = MEMBERS.type(CLIENT + "RedirectClientException");

  /** Null before 1.3. */
  private static final @Nullable Class<?> CHALLENGE =
      MEMBERS.optionalType(CLIENT + "HttpClientAuthenticationException");

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

  static String pathAndQuery(Object handler) {
    try {
      return (String) URI_PATH.invokeExact((Object) HANDLER_URI.invokeExact(handler));
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

  /** Lets a handler ask for what another one does, as if no redirect had led there. */
  static void copyUri(Object from, Object to) {
    try {
      SET_HANDLER_URI.invokeExact(to, (Object) HANDLER_URI.invokeExact(from));
      SET_HANDLER_FROM.invokeExact(to, (Object) null);
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

  private static MethodHandle timeoutHandle() {
    MethodHandle constructor =
        TIMEOUT_TAKES_MESSAGE
            ? MEMBERS.optionalConstructor(READ_TIMEOUT, "(Ljava/lang/String;)V")
            : MEMBERS.optionalConstructor(READ_TIMEOUT, "()V");
    if (constructor == null) {
      throw new LinkageError("ReadTimeoutException has other constructors than expected");
    }
    return constructor;
  }

  private static MethodHandle object(MethodHandle getter, Class<?> result) {
    return getter.asType(MethodType.methodType(result, Object.class));
  }

  /** What a member has thrown. */
  static RuntimeException rethrown(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return t instanceof RuntimeException runtime ? runtime : new IllegalStateException(t);
  }
}
