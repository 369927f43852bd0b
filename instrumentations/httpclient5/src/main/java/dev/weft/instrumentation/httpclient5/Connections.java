package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.Limit;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The classic client's own connections, one after the other for the attempts of one request.
 * Discarding may come from any thread: it breaks off what the calling thread waits for.
 */
final class Connections {
  /** The one that was made last. */
  private static volatile @Nullable Bounded lately;

  private final ExecRuntime runtime;
  private final String id;
  private final @Nullable Object state;
  private final HttpClientContext context;
  private final @Nullable HttpResponseInformationCallback interim;
  private final @Nullable ForkCancellation cancellation;

  Connections(
      ExecRuntime runtime,
      String id,
      HttpClientContext context,
      @Nullable HttpResponseInformationCallback interim) {
    this(runtime, id, context, interim, null);
  }

  private Connections(
      ExecRuntime runtime,
      String id,
      HttpClientContext context,
      @Nullable HttpResponseInformationCallback interim,
      @Nullable ForkCancellation cancellation) {
    this.runtime = runtime;
    this.id = id;
    this.state = context.getUserToken();
    this.context = context;
    this.interim = interim;
    this.cancellation = cancellation;
  }

  /** Whether there can be a {@link #fork} whose connection can be {@linkplain #adopt adopted}. */
  boolean canFork() {
    return ClassicMembers.movesEndpoints(runtime);
  }

  /** Others of the same client, for an attempt beside one that has these. */
  Connections fork() {
    HttpClientContext forked = HttpClientContext.create();
    forked.setRequestConfig(context.getRequestConfig());
    forked.setUserToken(state);
    forked.setProtocolVersion(context.getProtocolVersion());
    ForkCancellation cancelled = new ForkCancellation(this::aborted);
    return new Connections(runtime.fork(cancelled), id, forked, interim, cancelled);
  }

  /** Whether these are a {@link #fork}. */
  boolean forked() {
    return cancellation != null;
  }

  /** The response came by a fork: from now on its connection is the library's own. */
  void adopt(Connections fork) {
    context.setProtocolVersion(fork.context.getProtocolVersion());
    ClassicMembers.moveEndpoint(fork.runtime, runtime);
  }

  HttpClientContext context() {
    return context;
  }

  boolean aborted() {
    return runtime.isExecutionAborted();
  }

  /**
   * Leases one from the pool, for at most the given time and what the application allows; gives
   * back what is left of the hop before.
   */
  void lease(HttpRoute route, Optional<Duration> remaining) throws IOException {
    if (runtime.isEndpointAcquired()) {
      runtime.releaseEndpoint();
    }
    if (remaining.isEmpty()) {
      runtime.acquireEndpoint(id, route, state, context);
      return;
    }
    RequestConfig application = context.getRequestConfig();
    RequestConfig config = application == null ? RequestConfig.DEFAULT : application;
    Timeout own = config.getConnectionRequestTimeout();
    long left = Math.max(1, remaining.get().toMillis());
    if (own != null && !own.isDisabled() && own.toMilliseconds() <= left) {
      runtime.acquireEndpoint(id, route, state, context);
      return;
    }
    context.setRequestConfig(bounded(config, left));
    try {
      runtime.acquireEndpoint(id, route, state, context);
    } finally {
      context.setRequestConfig(application);
    }
  }

  @SuppressWarnings("ReferenceEquality") // an equal one is merely copied once more
  private static RequestConfig bounded(RequestConfig config, long millis) {
    Bounded known = lately;
    if (known == null || known.application() != config || known.millis() != millis) {
      Timeout lease = Timeout.ofMilliseconds(millis);
      known =
          new Bounded(
              config,
              millis,
              RequestConfig.copy(config).setConnectionRequestTimeout(lease).build());
      lately = known;
    }
    return known.config();
  }

  /**
   * A configuration with the time that a lease may take. Requests lease when they have just begun,
   * so those with the same limit have the same number of milliseconds left.
   */
  private record Bounded(RequestConfig application, long millis, RequestConfig config) {}

  boolean connected() {
    return runtime.isEndpointConnected();
  }

  /** Dials; the application's own limit, where smaller, is in force as ever. */
  void connect(HttpRoute route, Attempt attempt) throws IOException {
    Limit limit = Limit.after(attempt.connectTimeout(), this::discard);
    try {
      runtime.connectEndpoint(context);
    } catch (IOException | RuntimeException e) {
      if (limit.cancel()) {
        throw e;
      }
      throw Failures.connectTimeout(route.getTargetHost(), attempt);
    }
    if (!limit.cancel()) {
      throw Failures.connectTimeout(route.getTargetHost(), attempt);
    }
  }

  /** Dials as without a mesh. */
  void connect() throws IOException {
    runtime.connectEndpoint(context);
  }

  ClassicHttpResponse execute(ClassicHttpRequest request) throws IOException, HttpException {
    if (ClassicMembers.EXECUTE_INFORMED == null) {
      return runtime.execute(id, request, context);
    }
    try {
      return (ClassicHttpResponse)
          ClassicMembers.EXECUTE_INFORMED.invoke(runtime, id, request, interim, context);
    } catch (IOException | HttpException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Gives the connection back for the next request, if the response lets it live. */
  void release(ClassicHttpRequest request, ClassicHttpResponse response) {
    if (DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context)) {
      runtime.markConnectionReusable(
          state,
          DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, context));
      runtime.releaseEndpoint();
    } else {
      runtime.discardEndpoint();
    }
  }

  void discard() {
    runtime.discardEndpoint();
  }

  /** Breaks off what it is waited for, for ever; of the library's own only a connection. */
  void cancel() {
    if (cancellation != null) {
      cancellation.cancel();
    }
    discard();
  }
}
