package dev.weft.instrumentation.httpclient5;

import java.io.IOException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * The library's runtime of one request, as the chain below us sees it. It claims to be connected
 * until the request is there, and leases and dials only then.
 *
 * <p>Why here: this is the one place that every version reaches with the request as it goes over
 * the wire (since 5.1, interceptors, cookies and {@code Host} come after the connection), and
 * nothing above it ever learns of endpoints: the route, the context and the request stay the
 * application's. Confined to the calling thread, but for discarding.
 */
final class MeshRuntime implements ExecRuntime {
  private final ExecRuntime delegate;
  private final HttpRoute route;
  private volatile @Nullable ClassicCall call;

  MeshRuntime(ExecRuntime delegate, HttpRoute route) {
    this.delegate = delegate;
    this.route = route;
  }

  @Override
  public ClassicHttpResponse execute(
      String id, ClassicHttpRequest request, HttpClientContext context)
      throws IOException, HttpException {
    return send(id, request, null, context);
  }

  /** Overrides the method that version 5.4 added to the interface. */
  public ClassicHttpResponse execute(
      String id,
      ClassicHttpRequest request,
      @Nullable HttpResponseInformationCallback interim,
      HttpClientContext context)
      throws IOException, HttpException {
    return send(id, request, interim, context);
  }

  private ClassicHttpResponse send(
      String id,
      ClassicHttpRequest request,
      @Nullable HttpResponseInformationCallback interim,
      HttpClientContext context)
      throws IOException, HttpException {
    ClassicCall sending = new ClassicCall(new Connections(delegate, id, context, interim), route);
    call = sending;
    return sending.send(request);
  }

  /** The chain ended in a failure; the first one counts. */
  void failed(Throwable failure) {
    ClassicCall sent = call;
    if (sent != null) {
      sent.failed(failure);
    }
  }

  /** The chain gives the connection back, so the response is through. */
  private void ended() {
    ClassicCall sent = call;
    if (sent != null) {
      sent.ended(null);
    }
  }

  @Override
  public boolean isEndpointAcquired() {
    return call == null || delegate.isEndpointAcquired();
  }

  @Override
  public void acquireEndpoint(
      String id, HttpRoute planned, @Nullable Object state, HttpClientContext context)
      throws IOException {
    if (call != null) {
      delegate.acquireEndpoint(id, planned, state, context);
    }
  }

  @Override
  public boolean isEndpointConnected() {
    return call == null || delegate.isEndpointConnected();
  }

  @Override
  public void connectEndpoint(HttpClientContext context) throws IOException {
    if (call != null) {
      delegate.connectEndpoint(context);
    }
  }

  @Override
  public void releaseEndpoint() {
    delegate.releaseEndpoint();
    ended();
  }

  @Override
  public void discardEndpoint() {
    delegate.discardEndpoint();
    ended();
  }

  @Override
  public void disconnectEndpoint() throws IOException {
    delegate.disconnectEndpoint();
  }

  @Override
  public void upgradeTls(HttpClientContext context) throws IOException {
    delegate.upgradeTls(context);
  }

  @Override
  public boolean isExecutionAborted() {
    return delegate.isExecutionAborted();
  }

  @Override
  public boolean isConnectionReusable() {
    return delegate.isConnectionReusable();
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
  public ExecRuntime fork(CancellableDependency dependency) {
    return delegate.fork(dependency);
  }
}
