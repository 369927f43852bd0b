package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.HiddenMembers;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.http.client.WebsocketClientSpec;
import reactor.netty.transport.ProxyProvider;
import reactor.netty.transport.TransportConfig;

/** What the adapter does to a configuration beyond the library's public interface. Stateless. */
final class Configurations {
  private static final String CLIENT = "reactor.netty.http.client.";
  private static final String CONFIG = CLIENT + "HttpClientConfig";
  private static final String OF_CONFIG = "(Lreactor/netty/http/client/HttpClientConfig;)V";
  private static final String PREDICATE = "Ljava/util/function/BiPredicate;";

  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  private static final MethodHandle COPY_CONFIG = MEMBERS.constructor(CONFIG, OF_CONFIG);

  private static final MethodHandle BODY =
      MEMBERS.getter(CONFIG, "body", "Ljava/util/function/BiFunction;");

  private static final MethodHandle SET_BODY =
      MEMBERS.setter(CONFIG, "body", "Ljava/util/function/BiFunction;");

  private static final MethodHandle SET_METHOD =
      MEMBERS.setter(CONFIG, "method", "Lio/netty/handler/codec/http/HttpMethod;");

  private static final MethodHandle SET_URI = MEMBERS.setter(CONFIG, "uri", "Ljava/net/URI;");

  private static final MethodHandle SET_URI_TEXT =
      MEMBERS.setter(CONFIG, "uriStr", "Ljava/lang/String;");

  private static final MethodHandle SET_BASE_URL =
      MEMBERS.setter(CONFIG, "baseUrl", "Ljava/lang/String;");

  private static final MethodHandle SET_WEB_SOCKET =
      MEMBERS.setter(
          CONFIG, "websocketClientSpec", "Lreactor/netty/http/client/WebsocketClientSpec;");

  private static final MethodHandle HEADERS =
      MEMBERS.getter(CONFIG, "headers", "Lio/netty/handler/codec/http/HttpHeaders;");

  private static final MethodHandle OPTIONS =
      MEMBERS.getter("reactor.netty.transport.TransportConfig", "options", "Ljava/util/Map;");

  private static final MethodHandle SET_OPTIONS =
      MEMBERS.setter("reactor.netty.transport.TransportConfig", "options", "Ljava/util/Map;");

  private static final MethodHandle SET_FOLLOW_REDIRECT =
      MEMBERS.setter(CONFIG, "followRedirectPredicate", PREDICATE);

  private static final MethodHandle SET_REDIRECT_REQUEST =
      MEMBERS.setter(CONFIG, "redirectRequestConsumer", "Ljava/util/function/Consumer;");

  private static final MethodHandle SET_REDIRECT_REQUEST_BI =
      MEMBERS.setter(CONFIG, "redirectRequestBiConsumer", "Ljava/util/function/BiConsumer;");

  /** Null before 1.3, which has no authentication of its own. */
  private static final @Nullable MethodHandle AUTHENTICATION =
      MEMBERS.optionalGetter(CONFIG, "authenticationPredicate", PREDICATE);

  private static final @Nullable MethodHandle SET_AUTHENTICATION =
      MEMBERS.optionalSetter(CONFIG, "authenticationPredicate", PREDICATE);

  /** Null before 1.3. */
  private static final @Nullable MethodHandle PROXY_SUPPLIER =
      MEMBERS.optionalMethod(CONFIG, "proxyProviderSupplier", "()Ljava/util/function/Supplier;");

  private static final MethodHandle NEW_CONNECT =
      MEMBERS
          .constructor(CLIENT + "HttpClientConnect$MonoHttpConnect", OF_CONFIG)
          .asType(MethodType.methodType(Mono.class, HttpClientConfig.class));

  static {
    if (Internals.authenticates() && (AUTHENTICATION == null || SET_AUTHENTICATION == null)) {
      throw new LinkageError("HttpClientConfig keeps its authentication elsewhere");
    }
  }

  private Configurations() {}

  /** A copy whose changes the application does not see. */
  static HttpClientConfig copy(HttpClientConfig config) {
    try {
      return (HttpClientConfig) COPY_CONFIG.invokeExact(config);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  /** What writes the request; null: a request without body. */
  static @Nullable Object body(HttpClientConfig config) {
    try {
      return (BiFunction<?, ?, ?>) BODY.invokeExact(config);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  static void body(HttpClientConfig config, Sending sending) {
    try {
      SET_BODY.invokeExact(config, (BiFunction<?, ?, ?>) sending);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  static void method(HttpClientConfig config, HttpMethod method) {
    try {
      SET_METHOD.invokeExact(config, method);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  /** No URI in particular: one that need not be parsed. */
  static void noUri(HttpClientConfig config) {
    try {
      SET_BASE_URL.invokeExact(config, (String) null);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
    uri(config, "/");
  }

  /** A URI in place of whatever was configured; absolute, or there is no base URL. */
  static void uri(HttpClientConfig config, String uri) {
    try {
      SET_URI.invokeExact(config, (URI) null);
      SET_URI_TEXT.invokeExact(config, uri);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  /** The library does not begin with a handshake of its own. */
  static void noWebSocket(HttpClientConfig config) {
    try {
      SET_WEB_SOCKET.invokeExact(config, (WebsocketClientSpec) null);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  /** Its headers, not a copy of them: nobody may change them. */
  static HttpHeaders headers(HttpClientConfig config) {
    try {
      return (HttpHeaders) HEADERS.invokeExact(config);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  /** Its options, not a view of them: nobody changes them. */
  @SuppressWarnings("unchecked")
  static Map<ChannelOption<?>, ?> options(HttpClientConfig config) {
    try {
      return (Map<ChannelOption<?>, ?>) (Map<?, ?>) OPTIONS.invokeExact((TransportConfig) config);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  static void options(HttpClientConfig config, Map<ChannelOption<?>, ?> options) {
    try {
      SET_OPTIONS.invokeExact((TransportConfig) config, (Map<?, ?>) options);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  static void followRedirect(HttpClientConfig config, BiPredicate<?, ?> predicate) {
    try {
      SET_FOLLOW_REDIRECT.invokeExact(config, (BiPredicate<?, ?>) predicate);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  /** What edits a redirected request has been asked while it was recorded. */
  static void dropRedirectConsumers(HttpClientConfig config) {
    try {
      SET_REDIRECT_REQUEST.invokeExact(config, (Consumer<?>) null);
      SET_REDIRECT_REQUEST_BI.invokeExact(config, (BiConsumer<?, ?>) null);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  static @Nullable BiPredicate<?, ?> authentication(HttpClientConfig config) {
    if (AUTHENTICATION == null) {
      return null;
    }
    try {
      return (BiPredicate<?, ?>) AUTHENTICATION.invokeExact(config);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  static void authentication(HttpClientConfig config, BiPredicate<?, ?> predicate) {
    if (SET_AUTHENTICATION == null) {
      return;
    }
    try {
      SET_AUTHENTICATION.invokeExact(config, (BiPredicate<?, ?>) predicate);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  static @Nullable ProxyProvider proxy(HttpClientConfig config) {
    ProxyProvider proxy = config.proxyProvider();
    if (proxy != null || PROXY_SUPPLIER == null) {
      return proxy;
    }
    try {
      Supplier<?> supplier = (Supplier<?>) PROXY_SUPPLIER.invokeExact(config);
      return supplier == null ? null : (ProxyProvider) supplier.get();
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  /** The library's own connecting, for one attempt. */
  @SuppressWarnings("unchecked")
  static Mono<Connection> connect(HttpClientConfig config) {
    try {
      return (Mono<Connection>) (Mono<?>) NEW_CONNECT.invokeExact(config);
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }
}
