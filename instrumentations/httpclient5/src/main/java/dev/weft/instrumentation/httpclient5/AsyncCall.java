package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Drop;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
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

  // An updater, not an atomic: one of these is made for every request.
  private static final AtomicIntegerFieldUpdater<AsyncCall> OVER =
      AtomicIntegerFieldUpdater.newUpdater(AsyncCall.class, "over");

  private final AsyncConnections connections;
  private final HttpClientContext context;
  private final HttpRoute route;
  private final PoolKind pool;
  private final AsyncClientExchangeHandler handler;
  private volatile @Nullable ClientExchange exchange;
  private volatile @Nullable HttpRequest request;
  private volatile @Nullable AsyncBody body;
  private final UnderWay underWay;
  private volatile Optional<Duration> hedgeDelay = Optional.empty();
  private volatile Limit whole = Limit.none();
  private volatile boolean expired;

  /** 1: nobody waits for a response any more. */
  private volatile int over;

  /**
   * A request that begins.
   *
   * @param runtime hears of the one that the response came by, if it is not that of {@code
   *     connections}
   */
  AsyncCall(
      AsyncConnections connections,
      AsyncMeshRuntime runtime,
      HttpRoute route,
      PoolKind pool,
      AsyncClientExchangeHandler handler) {
    this.connections = connections;
    this.underWay = new UnderWay(connections, runtime);
    this.context = connections.context();
    this.route = route;
    this.pool = pool;
    this.handler = handler;
  }

  /** Lets the library make its request, with all that interceptors add, and takes it over. */
  void start() {
    try {
      // A context that served another request knows that one's protocol.
      context.setProtocolVersion(connections.shared() ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1);
      handler.produceRequest(this::take, context);
      // Not before: the library counts a request as sent only when it is back from its channel.
      begin(Objects.requireNonNull(request, "no request"));
    } catch (Throwable t) {
      refused(t);
    }
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
    if (begun == null) {
      MeshRetryStrategy.unjudged(context);
      attempt(null, connections);
      return;
    }
    exchange = begun;
    Step first = begun.first();
    hedgeDelay = begun.hedgeDelay();
    Optional<Duration> limit = begun.remaining();
    if (limit.isPresent()) {
      whole = Limit.after(limit.get(), this::expire);
    }
    carryOut(first, connections);
  }

  private void carryOut(Step step, AsyncConnections by) {
    if (step == Drop.INSTANCE) {
      return;
    }
    if (step.pause().isZero()) {
      now(step, by);
      return;
    }
    CompletableFuture.delayedExecutor(step.pause().toNanos(), TimeUnit.NANOSECONDS)
        .execute(() -> now(step, by));
  }

  private void now(Step step, AsyncConnections by) {
    if (over()) {
      return; // cancelled, or the time is over
    }
    ClientExchange begun = exchange;
    try {
      if (begun != null && begun.late(step)) {
        expire();
      } else if (step instanceof LocalReply reply) {
        reply(reply);
      } else {
        attempt((Attempt) step, by);
      }
    } catch (Throwable t) {
      refused(t);
    }
  }

  /**
   * Sends it once.
   *
   * @param attempt null: as without a mesh
   */
  private void attempt(@Nullable Attempt attempt, AsyncConnections by) {
    HttpRoute to = attempt == null ? route : MeshRoutes.endpoint(route, attempt.address(), pool);
    Sending next = new Sending(this, attempt, handler, body().source(), by);
    if (!underWay.begin(next)) {
      return; // answered just before this rival was sent
    }
    Optional<Duration> delay = hedgeDelay;
    if (delay.isPresent()) {
      next.rivalled(Limit.after(delay.get(), () -> hedge(next)));
    }
    if (by.shared()) {
      by.lease(to, new LeaseStage(this, next, dialing(next, to), null));
    } else {
      by.lease(to, new LeaseStage(this, next, Limit.none(), to));
    }
  }

  /** An attempt is not answered yet. */
  private void hedge(Sending unanswered) {
    ClientExchange begun = exchange;
    Attempt attempt = unanswered.attempt();
    if (over() || !unanswered.open() || begun == null || attempt == null) {
      return;
    }
    Attempt rival = begun.hedge(attempt);
    if (rival == null) {
      return;
    }
    try {
      attempt(rival, connections.beside());
    } catch (Throwable t) {
      refused(t);
    }
    if (over()) {
      underWay.loseAll();
    }
  }

  /** The application gets this response. */
  void won(Sending winner) {
    underWay.won(winner);
  }

  /** There is a place for a connection, which may have to be dialled. */
  void connect(Sending next, HttpRoute to) {
    AsyncConnections by = next.connections();
    if (by.connected()) {
      bound(next);
      execute(next);
      return;
    }
    next.dials(to.getTargetHost());
    by.connect(new LeaseStage(this, next, dialing(next, to), null));
  }

  /** Whether nobody wants a response any more. */
  boolean over() {
    return over != 0;
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

  /** By its own limit, unless that of the whole request comes first. */
  private void bound(Sending next) {
    Attempt attempt = next.attempt();
    Optional<Duration> time = attempt == null ? Optional.empty() : attempt.timeout();
    if (time.isPresent() && !whole.within(time.get())) {
      next.limited(Limit.after(time.get(), next));
    }
  }

  /** An attempt has had all its time. */
  void late(Sending slow, IOException timeout) {
    if (slow.giveUp()) {
      slow.connections().cancel();
      failed(slow, timeout);
    }
  }

  /** There is a connection. */
  void execute(Sending next) {
    next.executing();
    next.connections().execute(next);
  }

  HttpRequest wireRequest(Sending sent) throws HttpException {
    HttpRequest wire = WireRequest.of(Objects.requireNonNull(request), sent.attempt());
    if (sent.connections().speaksHttp2()) {
      WireRequest.toHttp2(wire);
    }
    return wire;
  }

  /** The library has put what goes over the wire into the application's context. */
  void written(Sending sent) {
    AsyncMembers.setRequest(sent.connections().context(), Objects.requireNonNull(request));
  }

  /** What the application knows of the exchange. */
  HttpClientContext context() {
    return context;
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
    underWay.end(attempted);
    attempted.connections().free();
    ClientExchange begun = exchange;
    Attempt attempt = attempted.attempt();
    if (over()) {
      return;
    }
    Step next =
        begun == null || attempt == null
            ? null
            : begun.retry(attempt, cause, attempted.progress(cause));
    if (next == null) {
      fail(surfaced(cause));
    } else {
      carryOut(next, attempted.connections());
    }
  }

  /** There was no connection for an attempt; others that are under way have theirs. */
  void unleased(Sending attempted, Exception cause) {
    if (underWay.all().size() > 1) {
      failed(attempted, cause);
    } else {
      fail(surfaced(cause));
    }
  }

  /** The response of an attempt was dropped; its connection is kept if that is possible. */
  void dropped(
      Sending attempted,
      @Nullable HttpRequest sent,
      HttpResponse response,
      boolean whole,
      Step again) {
    underWay.end(attempted);
    AsyncConnections by = attempted.connections();
    if (whole) {
      by.keep(sent, response);
    } else {
      by.abort();
      by.free();
    }
    carryOut(again, by);
  }

  /** The response is through. */
  void completed() {
    over = 1;
    ended(null);
  }

  /** A response that the application has begun to get breaks off. */
  void broken(Exception cause) {
    over = 1;
    surface(surfaced(cause));
  }

  /** The library has cancelled the exchange, for the application or for us. */
  void cancelled() {
    if (expired) {
      broken(Failures.attemptTimeout());
    } else if (OVER.compareAndSet(this, 0, 1)) {
      ended(new CancellationException("Request cancelled"));
      handler.cancel();
      handler.releaseResources();
    }
  }

  /** No response: what the application gets instead. */
  void fail(Exception failure) {
    if (OVER.compareAndSet(this, 0, 1)) {
      surface(failure);
    }
  }

  private void surface(Exception failure) {
    if (exchange != null) {
      MeshRetryStrategy.failed(context);
    }
    ended(failure);
    handler.failed(failure);
    handler.releaseResources();
  }

  private void ended(@Nullable Throwable failure) {
    whole.cancel();
    if (failure != null) {
      underWay.retireForks();
    }
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
    if (over()) {
      return;
    }
    expired = true;
    for (Sending under : underWay.all()) {
      if (under.delivered()) {
        under.breakOff(under.connections()::abort);
        // Some versions tell nobody about a connection that we close.
        Limit.after(GRACE, () -> under.failed(Failures.attemptTimeout()));
        return;
      }
    }
    underWay.loseAll();
    fail(surfaced(Failures.attemptTimeout()));
  }

  /** The application cancels: an exchange on the wire as without us, anything else at once. */
  @Override
  public boolean cancel() {
    Sending under = underWay.eldestAlone();
    AsyncConnections by = under == null ? connections : under.connections();
    boolean done = by.cancel();
    if (under != null && under.onTheWire()) {
      return done;
    }
    if (under == null || under.giveUp()) {
      by.free();
      cancelled();
    }
    return true;
  }

  private void reply(LocalReply reply) throws HttpException, IOException {
    completed();
    MeshRetryStrategy.judged(context, reply.status());
    LocalResponse.deliver(reply, Objects.requireNonNull(request).getMethod(), handler, context);
    if (reply.status() < HttpStatus.SC_CLIENT_ERROR) {
      body().skip(); // the library waits for the end of both messages
    }
    handler.releaseResources();
  }

  /** The library has thrown, where no caller could take an exception. */
  private void refused(Throwable thrown) {
    if (thrown instanceof Error error) {
      ended(error);
      throw error;
    }
    over = 1;
    surface((Exception) thrown);
  }
}
