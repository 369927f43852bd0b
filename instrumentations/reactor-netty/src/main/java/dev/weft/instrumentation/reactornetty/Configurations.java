package dev.weft.instrumentation.reactornetty;

import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpMethod;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
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
import reactor.netty.transport.ProxyProvider;
import reactor.netty.transport.TransportConfig;

/**
 * What the adapter does to a configuration beyond the library's public interface; initialising this
 * class is the probe for the members that it needs. Stateless.
 */
final class Configurations {
  private static final MethodHandle COPY_CONFIG;
  private static final MethodHandle BODY;
  private static final MethodHandle SET_BODY;
  private static final MethodHandle SET_METHOD;
  private static final MethodHandle SET_URI;
  private static final MethodHandle SET_URI_TEXT;
  private static final MethodHandle SET_OPTIONS;
  private static final MethodHandle SET_FOLLOW_REDIRECT;
  private static final MethodHandle SET_REDIRECT_REQUEST;
  private static final MethodHandle SET_REDIRECT_REQUEST_BI;

  /** Null before 1.3, which has no authentication of its own. */
  private static final @Nullable MethodHandle AUTHENTICATION;

  private static final @Nullable MethodHandle SET_AUTHENTICATION;

  /** Null before 1.3. */
  private static final @Nullable MethodHandle PROXY_SUPPLIER;

  private static final MethodHandle NEW_CONNECT;

  static {
    try {
      Class<?> config = HttpClientConfig.class;
      Class<?> connect = Internals.type("HttpClientConnect$MonoHttpConnect");
      Lookup inConfig = Internals.in(config);
      COPY_CONFIG =
          inConfig.findConstructor(
              config, MethodType.methodType(void.class, HttpClientConfig.class));
      BODY = getter(inConfig, config, "body", BiFunction.class);
      SET_BODY = setter(inConfig, config, "body", BiFunction.class);
      SET_METHOD = setter(inConfig, config, "method", HttpMethod.class);
      SET_URI = setter(inConfig, config, "uri", URI.class);
      SET_URI_TEXT = setter(inConfig, config, "uriStr", String.class);
      SET_OPTIONS =
          setter(Internals.in(TransportConfig.class), TransportConfig.class, "options", Map.class);
      SET_FOLLOW_REDIRECT = setter(inConfig, config, "followRedirectPredicate", BiPredicate.class);
      SET_REDIRECT_REQUEST = setter(inConfig, config, "redirectRequestConsumer", Consumer.class);
      SET_REDIRECT_REQUEST_BI =
          setter(inConfig, config, "redirectRequestBiConsumer", BiConsumer.class);
      boolean authenticates = Internals.authenticates();
      AUTHENTICATION =
          !authenticates
              ? null
              : getter(inConfig, config, "authenticationPredicate", BiPredicate.class);
      SET_AUTHENTICATION =
          !authenticates
              ? null
              : setter(inConfig, config, "authenticationPredicate", BiPredicate.class);
      PROXY_SUPPLIER = proxySupplier();
      NEW_CONNECT =
          Internals.in(connect)
              .findConstructor(connect, MethodType.methodType(void.class, HttpClientConfig.class))
              .asType(MethodType.methodType(Mono.class, HttpClientConfig.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
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

  /** An absolute URI in place of whatever was configured. */
  static void uri(HttpClientConfig config, String uri) {
    try {
      SET_URI.invokeExact(config, (URI) null);
      SET_URI_TEXT.invokeExact(config, uri);
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

  private static @Nullable MethodHandle proxySupplier() throws IllegalAccessException {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(
              HttpClientConfig.class,
              "proxyProviderSupplier",
              MethodType.methodType(Supplier.class))
          .asType(MethodType.methodType(Supplier.class, HttpClientConfig.class));
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  private static MethodHandle getter(Lookup lookup, Class<?> owner, String name, Class<?> type)
      throws ReflectiveOperationException {
    return lookup.findGetter(owner, name, type);
  }

  private static MethodHandle setter(Lookup lookup, Class<?> owner, String name, Class<?> type)
      throws ReflectiveOperationException {
    return lookup.findSetter(owner, name, type);
  }
}
