package dev.weft.instrumentation.httpclient5;

import java.io.IOException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.AsyncDataConsumer;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/** What {@link MeshRuntime} is, for the asynchronous chain. Thread-safe as the library's own. */
final class AsyncMeshRuntime implements AsyncExecRuntime {
  private static final Cancellable NOTHING = () -> false;

  private final AsyncExecRuntime first;
  private final HttpRoute route;
  private final PoolKind pool;
  private volatile boolean executed;

  /** The library's, or the fork of it that won a race. */
  private volatile AsyncExecRuntime delegate;

  AsyncMeshRuntime(AsyncExecRuntime first, HttpRoute route, PoolKind pool) {
    this.first = first;
    this.delegate = first;
    this.route = route;
    this.pool = pool;
  }

  @Override
  public Cancellable execute(
      String id, AsyncClientExchangeHandler handler, HttpClientContext context) {
    executed = true;
    AsyncCall call =
        new AsyncCall(new AsyncConnections(first, id, context, pool), this, route, pool, handler);
    call.start();
    return call;
  }

  /** The response came by a fork. */
  void answeredBy(AsyncExecRuntime winner) {
    delegate = winner;
  }

  /** Ends what the library knows nothing of, when its exchange has ended. */
  AsyncExecCallback ending(AsyncExecCallback callback) {
    return new Ending(callback);
  }

  private final class Ending implements AsyncExecCallback {
    private final AsyncExecCallback callback;

    Ending(AsyncExecCallback callback) {
      this.callback = callback;
    }

    @Override
    public @Nullable AsyncDataConsumer handleResponse(
        HttpResponse response, @Nullable EntityDetails entity) throws HttpException, IOException {
      return callback.handleResponse(response, entity);
    }

    @Override
    public void handleInformationResponse(HttpResponse response) throws HttpException, IOException {
      callback.handleInformationResponse(response);
    }

    @Override
    public void completed() {
      AsyncExecRuntime last = delegate;
      if (last != first) {
        last.releaseEndpoint();
      }
      callback.completed();
    }

    @Override
    public void failed(Exception cause) {
      AsyncExecRuntime last = delegate;
      if (last != first) {
        last.discardEndpoint();
      }
      callback.failed(cause);
    }
  }

  @Override
  public boolean isEndpointAcquired() {
    return !executed || delegate.isEndpointAcquired();
  }

  @Override
  public Cancellable acquireEndpoint(
      String id,
      HttpRoute planned,
      @Nullable Object state,
      HttpClientContext context,
      FutureCallback<AsyncExecRuntime> callback) {
    if (executed) {
      return delegate.acquireEndpoint(id, planned, state, context, callback);
    }
    callback.completed(this);
    return NOTHING;
  }

  @Override
  public boolean isEndpointConnected() {
    return !executed || delegate.isEndpointConnected();
  }

  @Override
  public Cancellable connectEndpoint(
      HttpClientContext context, FutureCallback<AsyncExecRuntime> callback) {
    if (executed) {
      return delegate.connectEndpoint(context, callback);
    }
    callback.completed(this);
    return NOTHING;
  }

  @Override
  public void releaseEndpoint() {
    delegate.releaseEndpoint();
  }

  @Override
  public void discardEndpoint() {
    delegate.discardEndpoint();
  }

  /** Overrides the method that version 5.2 added to the interface. */
  public void disconnectEndpoint() {
    if (AsyncMembers.DISCONNECT != null) {
      Newer.call(() -> AsyncMembers.DISCONNECT.invoke(delegate));
    }
  }

  @Override
  public void upgradeTls(HttpClientContext context) {
    delegate.upgradeTls(context);
  }

  /** Overrides the method that version 5.2 added to the interface. */
  public void upgradeTls(HttpClientContext context, FutureCallback<AsyncExecRuntime> callback) {
    if (AsyncMembers.UPGRADE != null) {
      Newer.call(() -> AsyncMembers.UPGRADE.invoke(delegate, context, callback));
    }
  }

  @Override
  public boolean validateConnection() {
    return delegate.validateConnection();
  }

  @Override
  public void markConnectionReusable(@Nullable Object newState, TimeValue validity) {
    delegate.markConnectionReusable(newState, validity);
  }

  @Override
  public void markConnectionNonReusable() {
    delegate.markConnectionNonReusable();
  }

  @Override
  public AsyncExecRuntime fork() {
    return delegate.fork();
  }
}
