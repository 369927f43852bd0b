package dev.weft.instrumentation.reactornetty;

import java.net.InetSocketAddress;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientConfig;
import reactor.util.context.Context;

/**
 * One subscription of the application: one {@link Hop}, and one more for each redirect that the
 * library follows. Where to, with which method and headers, is decided by the library's own {@code
 * HttpClientHandler}, which would otherwise run them all in a loop of its own. Thread-safe.
 */
final class Subscribed {
  private final HttpClientConfig config;
  private final Object handler;
  private final MonoSink<Connection> sink;
  private final Context context;
  private volatile boolean redirected;
  private volatile boolean cancelled;
  private volatile @Nullable Hop hop;

  private Subscribed(
      HttpClientConfig config, Object handler, MonoSink<Connection> sink, Context context) {
    this.config = config;
    this.handler = handler;
    this.sink = sink;
    this.context = context;
  }

  /** Whether the mesh serves the subscriber; false: the library does. */
  static boolean takeOver(HttpClientConfig config, CoreSubscriber<? super Connection> subscriber) {
    if (Configurations.body(config) instanceof Sending
        || (config.websocketClientSpec() != null && !WebSockets.byUpgrade(config))) {
      return false;
    }
    Object handler;
    try {
      handler = Internals.handler(config);
      if (Destination.inMesh(config, handler) == null) {
        return false;
      }
    } catch (RuntimeException e) {
      return false; // the library meets the same, and reports it in its own way
    }
    Context context = subscriber.currentContext();
    Mono.<Connection>create(sink -> new Subscribed(config, handler, sink, context).start())
        .subscribe(subscriber);
    return true;
  }

  HttpClientConfig config() {
    return config;
  }

  Object handler() {
    return handler;
  }

  Context context() {
    return context;
  }

  /** Whether the application has no part in the request beyond what it has configured. */
  boolean isConfigured() {
    return !redirected
        && Configurations.body(config) == null
        && config.websocketClientSpec() == null;
  }

  /** Whether the request is another than the configured one. */
  boolean redirected() {
    return redirected;
  }

  /** Hands a response out; whoever cancelled at the same time gets none. */
  void answered(Connection response) {
    sink.success(response);
    if (cancelled) {
      response.dispose();
    }
  }

  void failed(Throwable failure) {
    sink.error(failure);
  }

  /** Does what the library would do: another request after a redirect, or the failure. */
  @SuppressWarnings("unchecked")
  void followUp(Throwable failure) {
    try {
      if (!((Predicate<Throwable>) handler).test(failure) || cancelled) {
        sink.error(failure);
        return;
      }
      redirected = true;
      next();
    } catch (RuntimeException e) {
      sink.error(e);
    }
  }

  private void start() {
    sink.onCancel(this::cancel);
    next();
  }

  private void next() {
    InetSocketAddress mesh = Destination.inMesh(config, handler);
    Hop following = new Hop(this, mesh);
    hop = following;
    following.start();
    if (cancelled) {
      following.cancel();
    }
  }

  private void cancel() {
    cancelled = true;
    Hop current = hop;
    if (current != null) {
      current.cancel();
    }
  }
}
