package dev.weft.instrumentation.httpclient5;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous client's own connections, or its shared sessions, one after the other for the
 * attempts of one request. Thread-safe.
 */
final class AsyncConnections {
  // An updater, not an atomic: one of these is made for every request.
  private static final AtomicIntegerFieldUpdater<AsyncConnections> STAGES =
      AtomicIntegerFieldUpdater.newUpdater(AsyncConnections.class, "stages");

  private static final Cancellable NOTHING = () -> false;

  private final AsyncExecRuntime runtime;
  private final String id;
  private final HttpClientContext context;
  private final PoolKind pool;
  private final @Nullable Object state;
  private volatile int stages;
  private volatile Cancellable current = NOTHING;

  /** The stage that was broken off, perhaps before the library has said how. */
  private volatile int broken;

  private volatile boolean retired;

  AsyncConnections(AsyncExecRuntime runtime, String id, HttpClientContext context, PoolKind pool) {
    this.runtime = runtime;
    this.id = id;
    this.context = context;
    this.pool = pool;
    this.state = context.getUserToken();
  }

  HttpClientContext context() {
    return context;
  }

  AsyncExecRuntime runtime() {
    return runtime;
  }

  /** Others of the same client, for an attempt beside one that has these. */
  AsyncConnections beside() {
    HttpClientContext own = HttpClientContext.create();
    own.setRequestConfig(context.getRequestConfig());
    own.setUserToken(state);
    own.setProtocolVersion(context.getProtocolVersion());
    return new AsyncConnections(runtime.fork(), id, own, pool);
  }

  /** Gives up what is under way; a connection that comes later goes, too. */
  void retire() {
    retired = true;
    cancel();
    free();
  }

  boolean retired() {
    return retired;
  }

  /** Whether it leases and dials in one go, what many requests share. */
  boolean shared() {
    return pool == PoolKind.SESSIONS;
  }

  /** Leases one from the pool; gives back what is left of the hop before. */
  void lease(HttpRoute route, FutureCallback<AsyncExecRuntime> callback) {
    if (runtime.isEndpointAcquired()) {
      runtime.releaseEndpoint();
    }
    int stage = begin();
    begun(stage, runtime.acquireEndpoint(id, route, state, context, callback));
  }

  boolean connected() {
    return runtime.isEndpointConnected();
  }

  void connect(FutureCallback<AsyncExecRuntime> callback) {
    int stage = begin();
    begun(stage, runtime.connectEndpoint(context, callback));
  }

  void execute(AsyncClientExchangeHandler handler) {
    int stage = begin();
    begun(stage, runtime.execute(id, handler, context));
  }

  private int begin() {
    return STAGES.incrementAndGet(this);
  }

  /** Remembers how to break off what is under way, unless that is over when the call returns. */
  private void begun(int stage, Cancellable cancellable) {
    if (stages == stage) {
      current = cancellable;
      if (broken == stage) { // while the library began it
        cancellable.cancel();
      }
    }
  }

  /** Breaks off what is under way, as the library does it; what is just beginning, at once then. */
  boolean cancel() {
    broken = stages;
    return current.cancel();
  }

  /** Whether what is connected speaks HTTP/2, as far as the library tells. */
  boolean speaksHttp2() {
    return shared() || context.getProtocolVersion().greaterEquals(HttpVersion.HTTP_2);
  }

  /** A connection is closed with its request; a session goes on with those of others. */
  void free() {
    if (shared()) {
      runtime.releaseEndpoint();
    } else {
      runtime.discardEndpoint();
    }
  }

  /** Breaks off a response that the application is reading. */
  void abort() {
    if (shared()) {
      cancel();
    } else {
      runtime.discardEndpoint();
    }
  }

  /** Gives the connection back for the next request, if the response lets it live. */
  void keep(@Nullable HttpRequest sent, HttpResponse response) {
    if (!shared()) {
      if (!DefaultConnectionReuseStrategy.INSTANCE.keepAlive(sent, response, context)) {
        runtime.discardEndpoint();
        return;
      }
      runtime.markConnectionReusable(
          state,
          DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, context));
    }
    runtime.releaseEndpoint();
  }
}
