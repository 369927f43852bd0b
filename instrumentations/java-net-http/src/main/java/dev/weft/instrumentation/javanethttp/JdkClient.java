package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.HiddenMembers;
import dev.weft.instrumentation.JdkProxies;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The members of {@code jdk.internal.net.http} that the adapter needs, resolved once. Stateless.
 */
final class JdkClient {
  private static final String CLIENT = "jdk.internal.net.http.HttpClientImpl";
  private static final String HTTP_REQUEST = "jdk.internal.net.http.HttpRequestImpl";

  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  private static final MethodHandle SEND_ASYNC =
      MEMBERS
          .method(
              CLIENT,
              "sendAsync",
              "(Ljava/net/http/HttpRequest;Ljava/net/http/HttpResponse$BodyHandler;"
                  + "Ljava/net/http/HttpResponse$PushPromiseHandler;"
                  + "Ljava/util/concurrent/Executor;)Ljava/util/concurrent/CompletableFuture;")
          .asType(
              MethodType.methodType(
                  CompletableFuture.class,
                  Object.class,
                  HttpRequest.class,
                  BodyHandler.class,
                  PushPromiseHandler.class,
                  Executor.class));

  private static final MethodHandle PROXY_SELECTOR =
      MEMBERS
          .getter(CLIENT, "proxySelector", "Ljava/net/ProxySelector;")
          .asType(MethodType.methodType(ProxySelector.class, Object.class));

  private static final MethodHandle FACADE =
      MEMBERS
          .method(CLIENT, "facade", "()Ljdk/internal/net/http/HttpClientFacade;")
          .asType(MethodType.methodType(Object.class, Object.class));

  private static final MethodHandle PROXY =
      MEMBERS
          .getter(HTTP_REQUEST, "proxy", "Ljava/net/Proxy;")
          .asType(MethodType.methodType(Proxy.class, Object.class));

  /** Without the copy, and the checks, of {@code HttpHeaders.of}. */
  private static final MethodHandle HEADERS =
      MEMBERS.constructor("java.net.http.HttpHeaders", "(Ljava/util/Map;)V");

  /** Of JDK 25 and newer. */
  private static final @Nullable MethodHandle CONNECTION_LABEL =
      MEMBERS.optionalMethod(
          "java.net.http.HttpResponse", "connectionLabel", "()Ljava/util/Optional;");

  private JdkClient() {}

  /** The client's own {@code sendAsync}, which lets requests of ours pass. */
  @SuppressWarnings("unchecked")
  static <T> CompletableFuture<HttpResponse<T>> sendAsync(
      Object client,
      HttpRequest request,
      BodyHandler<T> handler,
      @Nullable PushPromiseHandler<T> push,
      @Nullable Executor executor) {
    try {
      return (CompletableFuture<HttpResponse<T>>)
          SEND_ASYNC.invokeExact(client, request, handler, push, executor);
    } catch (Throwable t) {
      throw JdkClient.<RuntimeException>unchecked(t);
    }
  }

  /** Whether the client would send a request through an HTTP proxy. */
  static boolean proxied(Object client, HttpRequest request) {
    if (WebSockets.opens(request)) {
      return proxy(request) != null; // already chosen
    }
    try {
      ProxySelector selector = (ProxySelector) PROXY_SELECTOR.invokeExact(client);
      if (selector == null || JdkProxies.none(selector)) {
        return false;
      }
      List<Proxy> proxies = selector.select(request.uri());
      return !proxies.isEmpty() && proxies.get(0).type() == Proxy.Type.HTTP;
    } catch (Throwable t) {
      throw JdkClient.<RuntimeException>unchecked(t);
    }
  }

  /**
   * The object whose reachability keeps the client running; to be held while a call waits for its
   * next attempt, when the client itself knows of no pending request.
   */
  static @Nullable Object facade(Object client) {
    try {
      return (Object) FACADE.invokeExact(client);
    } catch (Throwable t) {
      throw JdkClient.<RuntimeException>unchecked(t);
    }
  }

  /** The field {@code HttpRequestImpl.proxy}. */
  static @Nullable Proxy proxy(Object request) {
    try {
      return (Proxy) PROXY.invokeExact(request);
    } catch (Throwable t) {
      throw JdkClient.<RuntimeException>unchecked(t);
    }
  }

  /**
   * Headers of a map that is not copied.
   *
   * @param byName compares names without regard to case, and does not change any more
   */
  static HttpHeaders headers(Map<String, List<String>> byName) {
    try {
      return (HttpHeaders) HEADERS.invokeExact(Collections.unmodifiableMap(byName));
    } catch (Throwable t) {
      throw JdkClient.<RuntimeException>unchecked(t);
    }
  }

  /** {@code HttpResponse.connectionLabel()}, which JDK 25 added. */
  @SuppressWarnings("unchecked")
  static Optional<String> connectionLabel(HttpResponse<?> response) {
    if (CONNECTION_LABEL == null) {
      return Optional.empty();
    }
    try {
      return (Optional<String>) CONNECTION_LABEL.invokeExact(response);
    } catch (Throwable t) {
      throw JdkClient.<RuntimeException>unchecked(t);
    }
  }

  /** Rethrows what a handle threw as it is: the library declares the same. */
  @SuppressWarnings("unchecked")
  static <E extends Throwable> RuntimeException unchecked(Throwable t) throws E {
    throw (E) t;
  }
}
