package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * One request of an asynchronous client, over all its attempts: each stage calls the next one, no
 * thread waits. The library's handler of the exchange gets one response or one failure.
 * Thread-safe.
 */
final class AsyncCall implements Cancellable {
  private static final Duration GRACE = Duration.ofMillis(50);

  private final AsyncConnections connections;
  private final HttpClientContext context;
  private final HttpRoute route;
  private final PoolKind pool;
  private final AsyncClientExchangeHandler handler;
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile @Nullable ClientExchange exchange;
  private volatile @Nullable HttpRequest request;
  private volatile @Nullable AsyncBody body;
  private volatile @Nullable Sending sending;
  private volatile Limit whole = Limit.none();
  private volatile boolean expired;

  AsyncCall(
      AsyncConnections connections,
      HttpRoute route,
      PoolKind pool,
      AsyncClientExchangeHandler handler) {
    this.connections = connections;
    this.context = connections.context();
    this.route = route;
    this.pool = pool;
    this.handler = handler;
  }

  /** Lets the library make its request, with all that interceptors add, and takes it over. */
  void start() {
    guarded(
        () -> {
          // A context that served another request knows that one's protocol.
          context.setProtocolVersion(
              connections.shared() ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1);
          handler.produceRequest(this::take, context);
          // Not before: the library counts a request as sent only when it is back from its channel.
          begin(Objects.requireNonNull(request, "no request"));
        });
  }

  private void take(HttpRequest made, @Nullable EntityDetails entity, HttpContext ignored)
      throws IOException {
    body = AsyncBody.of(handler, entity);
    request = made;
  }

  private void begin(HttpRequest made) {
    ClientExchange begun =
        Mesh.client()
            .begin(
                HttpAsyncClient5Instrumentation.NAME,
                new ApplicationRequest(made, route.getTargetHost(), body()));
    MeshRetryStrategy.judged(context, begun != null);
    if (begun == null) {
      attempt(null);
      return;
    }
    exchange = begun;
    Step first = begun.first();
    begun.remaining().ifPresent(limit -> whole = Limit.after(limit, this::expire));
    carryOut(first);
  }

  private void carryOut(Step step) {
    sending = null;
    if (step.pause().isZero()) {
      now(step);
      return;
    }
    CompletableFuture.delayedExecutor(step.pause().toNanos(), TimeUnit.NANOSECONDS)
        .execute(() -> now(step));
  }

  private void now(Step step) {
    guarded(
        () -> {
          if (over.get()) {
            return; // cancelled, or the time is over
          }
          ClientExchange begun = exchange;
          if (begun != null && begun.late(step)) {
            expire();
          } else if (step instanceof LocalReply reply) {
            reply(reply);
          } else {
            attempt((Attempt) step);
          }
        });
  }

  /**
   * Sends it once.
   *
   * @param attempt null: as without a mesh
   */
  private void attempt(@Nullable Attempt attempt) {
    HttpRoute to = attempt == null ? route : MeshRoutes.endpoint(route, attempt.address(), pool);
    Sending next = new Sending(this, attempt, handler, Objects.requireNonNull(body).source());
    sending = next;
    if (connections.shared()) {
      connections.lease(to, new Stage(next, dialing(next, to), () -> execute(next), next::failed));
    } else {
      // A full pool is not the endpoint's fault: no other endpoint is asked for.
      connections.lease(to, new Stage(next, Limit.none(), () -> connect(next, to), next::unleased));
    }
  }

  private void connect(Sending next, HttpRoute to) {
    if (connections.connected()) {
      bound(next);
      execute(next);
      return;
    }
    next.dials(to.getTargetHost());
    connections.connect(new Stage(next, dialing(next, to), () -> execute(next), next::failed));
  }

  /** Bounds the dial and, with it, the attempt. */
  private Limit dialing(Sending next, HttpRoute to) {
    bound(next);
    Attempt attempt = next.attempt();
    return attempt == null
        ? Limit.none()
        : Limit.after(
            attempt.connectTimeout(),
            () -> late(next, Failures.connectTimeout(to.getTargetHost(), attempt)));
  }

  private void bound(Sending next) {
    Attempt attempt = next.attempt();
    if (attempt != null) {
      attempt
          .timeout()
          .ifPresent(
              time -> next.limited(Limit.after(time, () -> late(next, Failures.attemptTimeout()))));
    }
  }

  private void late(Sending slow, IOException timeout) {
    if (slow.giveUp()) {
      connections.cancel();
      failed(slow, timeout);
    }
  }

  private void execute(Sending next) {
    next.executing();
    connections.execute(next);
  }

  HttpRequest wireRequest(@Nullable Attempt attempt) throws HttpException {
    HttpRequest wire = WireRequest.of(Objects.requireNonNull(request), attempt);
    if (connections.speaksHttp2()) {
      WireRequest.toHttp2(wire);
    }
    return wire;
  }

  /** The library has put what goes over the wire into the application's context. */
  void written() {
    AsyncMembers.setRequest(context, Objects.requireNonNull(request));
  }

  AsyncBody body() {
    return Objects.requireNonNull(body);
  }

  Verdict responded(@Nullable Attempt attempt, HttpResponse response) {
    ClientExchange begun = exchange;
    return begun == null || attempt == null
        ? Deliver.UNCHANGED
        : begun.responded(attempt, response.getCode(), name -> HeaderValues.of(response, name));
  }

  /** Nothing came of an attempt, which is given up. */
  void failed(Sending attempted, Exception cause) {
    connections.free();
    ClientExchange begun = exchange;
    Attempt attempt = attempted.attempt();
    if (over.get()) {
      return;
    }
    Step next =
        begun == null || attempt == null
            ? null
            : begun.retry(attempt, cause, attempted.progress(cause));
    if (next == null) {
      fail(surfaced(cause));
    } else {
      carryOut(next);
    }
  }

  /** The response of an attempt was dropped; its connection is kept if that is possible. */
  void dropped(@Nullable HttpRequest sent, HttpResponse response, boolean whole, Step again) {
    if (whole) {
      connections.keep(sent, response);
    } else {
      connections.abort();
      connections.free();
    }
    carryOut(again);
  }

  /** The response is through. */
  void completed() {
    over.set(true);
    ended(null);
  }

  /** A response that the application has begun to get breaks off. */
  void broken(Exception cause) {
    over.set(true);
    Exception seen = surfaced(cause);
    ended(seen);
    handler.failed(seen);
    handler.releaseResources();
  }

  /** The library has cancelled the exchange, for the application or for us. */
  void cancelled() {
    if (expired) {
      broken(Failures.attemptTimeout());
    } else if (over.compareAndSet(false, true)) {
      ended(new CancellationException("Request cancelled"));
      handler.cancel();
      handler.releaseResources();
    }
  }

  /** No response: what the application gets instead. */
  void fail(Exception failure) {
    if (over.compareAndSet(false, true)) {
      ended(failure);
      handler.failed(failure);
      handler.releaseResources();
    }
  }

  private void ended(@Nullable Throwable failure) {
    whole.cancel();
    ClientExchange begun = exchange;
    if (begun != null) {
      begun.end(failure);
    }
  }

  /** What the application gets: its own kind of timeout where a limit of policy has run out. */
  Exception surfaced(Exception failure) {
    ClientExchange begun = exchange;
    if (begun == null) {
      return failure;
    }
    // Each of the library's timeouts is an interruption.
    boolean ours = expired || (begun.expired() && failure instanceof InterruptedIOException);
    return ours ? Failures.timeout(begun, failure) : failure;
  }

  /** The time of the whole request is over. A delivered response fails on the library's thread. */
  private void expire() {
    if (over.get()) {
      return;
    }
    expired = true;
    Sending under = sending;
    if (under != null && under.delivered()) {
      under.breakOff(connections::abort);
      // Some versions tell nobody about a connection that we close.
      Limit.after(GRACE, () -> under.failed(Failures.attemptTimeout()));
      return;
    }
    if (under != null) {
      under.giveUp();
    }
    connections.cancel();
    connections.free();
    fail(surfaced(Failures.attemptTimeout()));
  }

  /** The application cancels: an exchange on the wire as without us, anything else at once. */
  @Override
  public boolean cancel() {
    Sending under = sending;
    boolean done = connections.cancel();
    if (under != null && under.onTheWire()) {
      return done;
    }
    if (under == null || under.giveUp()) {
      connections.free();
      cancelled();
    }
    return true;
  }

  private void reply(LocalReply reply) throws HttpException, IOException {
    completed();
    LocalResponse.deliver(reply, Objects.requireNonNull(request).getMethod(), handler, context);
    if (reply.status() < HttpStatus.SC_CLIENT_ERROR) {
      body().skip(); // the library waits for the end of both messages
    }
    handler.releaseResources();
  }

  /** There is no caller that could take an exception. */
  private void guarded(Action action) {
    try {
      action.run();
    } catch (Exception e) {
      over.set(true);
      ended(e);
      handler.failed(e);
      handler.releaseResources();
    } catch (Error e) {
      ended(e);
      throw e;
    }
  }

  /** Something that the library may refuse. */
  private interface Action {
    void run() throws HttpException, IOException;
  }

  /** What follows a lease or a dial of the library; nothing, when the attempt was given up. */
  private final class Stage implements FutureCallback<AsyncExecRuntime> {
    private final Sending attempt;
    private final Limit limit;
    private final Runnable following;
    private final Consumer<Exception> failing;

    Stage(Sending attempt, Limit limit, Runnable following, Consumer<Exception> failing) {
      this.attempt = attempt;
      this.limit = limit;
      this.following = following;
      this.failing = failing;
    }

    @Override
    public void completed(AsyncExecRuntime ignored) {
      boolean inTime = limit.cancel();
      if (over.get()) {
        connections.free();
      } else if (inTime && attempt.open()) {
        try {
          following.run();
        } catch (RuntimeException e) { // the connection is gone already
          attempt.failed(e);
        }
      }
    }

    @Override
    public void failed(Exception failure) {
      limit.cancel();
      failing.accept(failure);
    }

    @Override
    public void cancelled() {
      failed(new InterruptedIOException("Request cancelled"));
    }
  }
}
