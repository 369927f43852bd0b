package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Drop;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Race;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.StoredCookies;
import dev.weft.instrumentation.Verdict;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One call of the application, over all its attempts.
 *
 * <p>The client is asked to send a wrapped request per attempt; its own connect retry and its own
 * retry of idempotent requests on stale connections stay in force within an attempt, on the same
 * endpoint. Only what an attempt surfaces is judged here. Nothing blocks: attempts are chained on
 * the futures that the client completes. Confined to one thread at a time.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // every stage here ends in `result`, which is returned
final class MeshCall<T> {
  /** As many redirects as the client itself follows unless told otherwise. */
  private static final int MAX_HOPS = 5;

  /** The whole request's limit runs here so much later, so that the exchange has expired then. */
  private static final Duration LATER = Duration.ofMillis(1);

  private final Object client;
  private final HttpRequest application;
  private final BodyHandler<T> handler;
  private final @Nullable PushPromiseHandler<T> push;
  private final @Nullable Executor executor;
  private final ApplicationRequest request;
  private final ClientExchange exchange;

  /** Redirects of the mesh that were followed before this call. */
  private final int hops;

  /** Keeps the client running between two attempts; see {@link JdkClient#facade}. */
  @SuppressWarnings("UnusedVariable")
  private final @Nullable Object facade;

  private final MeshFuture<HttpResponse<T>> result = new MeshFuture<>();

  /** Null: one attempt after the other. */
  private volatile @Nullable Race<Sending> race;

  /** After so long an attempt gets a rival. */
  private volatile Duration hedgeDelay = Duration.ZERO;

  /** Of the whole call with its body, which the client's own timer does not bound; null: none. */
  private volatile @Nullable Limit limit;

  /** The body that the application gets; null: not yet, or nobody limits it. */
  private volatile @Nullable LimitedBody<T> body;

  private MeshCall(
      Object client,
      HttpRequest application,
      ApplicationRequest request,
      BodyHandler<T> handler,
      @Nullable PushPromiseHandler<T> push,
      @Nullable Executor executor,
      ClientExchange exchange,
      int hops) {
    this.client = client;
    this.application = application;
    this.request = request;
    this.handler = handler;
    this.push = push;
    this.executor = executor;
    this.exchange = exchange;
    this.hops = hops;
    this.facade = JdkClient.facade(client);
  }

  /** Takes the call over; null when it is none of the mesh's business. */
  @SuppressWarnings("unchecked") // whatever the body is, handler and push agree about it
  static @Nullable CompletableFuture<?> send(
      Object client,
      HttpRequest request,
      BodyHandler<?> handler,
      @Nullable PushPromiseHandler<?> push,
      @Nullable Executor executor) {
    return begin(
        client,
        request,
        (BodyHandler<Object>) handler,
        (@Nullable PushPromiseHandler<Object>) push,
        executor,
        0);
  }

  /** By the mesh, or by the client. */
  private static <T> CompletableFuture<HttpResponse<T>> sent(
      Object client,
      HttpRequest request,
      BodyHandler<T> handler,
      @Nullable PushPromiseHandler<T> push,
      @Nullable Executor executor,
      int hops) {
    CompletableFuture<HttpResponse<T>> taken =
        begin(client, request, handler, push, executor, hops);
    return taken != null ? taken : JdkClient.sendAsync(client, request, handler, push, executor);
  }

  private static <T> @Nullable CompletableFuture<HttpResponse<T>> begin(
      Object client,
      HttpRequest request,
      BodyHandler<T> handler,
      @Nullable PushPromiseHandler<T> push,
      @Nullable Executor executor,
      int hops) {
    if (request instanceof MeshRequest) {
      return null; // an attempt of ours
    }
    URI uri = request.uri();
    if (uri == null
        || uri.getHost() == null
        || !"http".equalsIgnoreCase(uri.getScheme())
        || !Mesh.client().knows(uri.getHost())
        || JdkClient.proxied(client, request)) {
      return null;
    }
    ApplicationRequest seen = new ApplicationRequest((HttpClient) client, request);
    ClientExchange exchange = Mesh.client().begin(JavaNetHttpInstrumentation.NAME, seen);
    if (exchange == null) {
      return null;
    }
    return new MeshCall<>(client, request, seen, handler, push, executor, exchange, hops).start();
  }

  private CompletableFuture<HttpResponse<T>> start() {
    Step first = exchange.first();
    Optional<Duration> remaining = exchange.remaining();
    if (remaining.isPresent()) {
      limit = Limit.after(remaining.get().plus(LATER), this::expire);
    }
    Optional<Duration> delay = exchange.hedgeDelay();
    if (delay.isPresent() && push == null) { // what a server pushes nobody can take back
      hedgeDelay = delay.get();
      race = new Race<>(Sending::cancel);
    }
    carryOut(first);
    return result;
  }

  private void carryOut(Step step) {
    if (step == Drop.INSTANCE) {
      return;
    }
    if (step.pause().isZero()) {
      now(step);
      return;
    }
    CompletableFuture.delayedExecutor(step.pause().toNanos(), TimeUnit.NANOSECONDS)
        .execute(
            () -> {
              try {
                now(step);
              } catch (Throwable t) {
                fail(t); // there is no caller any more to throw it to
              }
            });
  }

  private void now(Step step) {
    if (result.stopped()) {
      fail(new CancellationException("Request cancelled"));
    } else if (exchange.late(step)) {
      fail(timeout(null));
    } else if (step instanceof LocalReply reply) {
      reply(reply);
    } else {
      attempt((Attempt) step);
    }
  }

  /** Sends one attempt; what the client throws at once (an illegal request) is the caller's. */
  private void attempt(Attempt attempt) {
    Race<Sending> rivals = race;
    Sending sending;
    CompletableFuture<HttpResponse<T>> sent;
    try {
      URI uri = MeshRequest.uri(application, attempt);
      Destination destination = Destination.of(attempt, uri);
      sending = new Sending(attempt, uri, destination);
      if (rivals != null && !rivals.join(sending)) {
        late();
        return;
      }
      request.sentTo(destination);
      sent =
          JdkClient.sendAsync(
              client,
              new MeshRequest(application, attempt, uri, destination, timer(attempt)),
              sending,
              push,
              executor);
    } catch (RuntimeException | Error e) {
      exchange.end(e);
      unlimit();
      throw e;
    }
    sending.sent(sent);
    result.underWay(rivals == null ? sending::cancel : rivals::end);
    if (rivals != null) {
      sending.rival = Limit.after(hedgeDelay, () -> hedge(sending));
    }
    sent.whenComplete(sending);
  }

  /** Another attempt has won just before this one was sent, or nobody waits for any. */
  private void late() {
    if (result.stopped()) {
      fail(new CancellationException("Request cancelled"));
    }
  }

  /**
   * What the client itself is to time, which wakes its selector each time: a limit of the attempt
   * or of the application; not that of the whole request, which runs here.
   */
  private Optional<Duration> timer(Attempt attempt) {
    Optional<Duration> timeout = attempt.timeout();
    Limit running = limit;
    boolean whole =
        timeout.isPresent()
            && running != null
            && application.timeout().isEmpty()
            && running.within(timeout.get().plus(LATER));
    return whole ? Optional.empty() : timeout;
  }

  /** An attempt is not answered yet. */
  private void hedge(Sending unanswered) {
    if (result.stopped() || unanswered.destination.followedUp()) {
      return;
    }
    Attempt rival = exchange.hedge(unanswered.attempt);
    if (rival != null) {
      try {
        attempt(rival);
      } catch (Throwable t) {
        fail(t); // there is no caller to throw it to
      }
    }
  }

  /**
   * One attempt on the wire: what the client asks for a subscriber when the final response's
   * headers are there, before its body, and tells at last how it went. Confined to one thread at a
   * time.
   */
  private final class Sending
      implements BodyHandler<T>, BiConsumer<@Nullable HttpResponse<T>, @Nullable Throwable> {
    private final Attempt attempt;
    private final URI uri;
    private final Destination destination;

    /** Of the response that the application gets; null: not of this attempt, as far as we know. */
    private volatile @Nullable HttpHeaders headers;

    /** What follows when the body of a dropped response is through. */
    private volatile @Nullable Step next;

    /** Ends the wait for this attempt's answer, after which another one is sent beside it. */
    private volatile Limit rival = Limit.none();

    /** Null: not sent yet. */
    private volatile @Nullable CompletableFuture<?> future;

    private volatile boolean cancelled;

    Sending(Attempt attempt, URI uri, Destination destination) {
      this.attempt = attempt;
      this.uri = uri;
      this.destination = destination;
    }

    /** The client sends it; its answer may have been faster. */
    void sent(CompletableFuture<?> by) {
      future = by;
      if (cancelled) {
        by.cancel(true);
      }
    }

    /** Nobody wants it any more. */
    void cancel() {
      cancelled = true;
      CompletableFuture<?> by = future;
      if (by != null) {
        by.cancel(true);
      }
    }

    @Override
    public BodySubscriber<T> apply(HttpResponse.ResponseInfo info) {
      Verdict verdict = exchange.responded(attempt, info.statusCode(), info.headers()::allValues);
      if (verdict instanceof Step again) {
        next = again;
        return new DroppedBody<>();
      }
      List<HeaderChange> changes = delivered(this, (Deliver) verdict);
      HttpHeaders edited = HeaderEdits.apply(info.headers(), changes);
      headers = edited;
      BodySubscriber<T> own =
          handler.apply(
              changes.isEmpty()
                  ? info
                  : new EditedResponseInfo(info.statusCode(), edited, info.version()));
      Limit whole = limit;
      if (whole == null) {
        return own;
      }
      LimitedBody<T> limited = new LimitedBody<>(own, whole);
      body = limited;
      return limited;
    }

    @Override
    public void accept(@Nullable HttpResponse<T> response, @Nullable Throwable failure) {
      rival.cancel();
      Race<Sending> rivals = race;
      if (rivals != null) {
        rivals.leave(this);
      }
      try {
        finished(response, failure);
      } catch (Throwable t) {
        fail(t); // nobody else would ever complete the application's future
      }
    }

    private void finished(@Nullable HttpResponse<T> response, @Nullable Throwable failure) {
      Step again = next;
      if (again != null) {
        WebSockets.drop(application, response);
        carryOut(again);
      } else if (response != null) {
        answered(response);
      } else {
        failed(failure);
      }
    }

    private void answered(HttpResponse<T> response) {
      HttpHeaders seen = headers;
      if (seen == null) { // a response whose body the client did not ask for
        Verdict verdict =
            exchange.responded(attempt, response.statusCode(), response.headers()::allValues);
        if (verdict instanceof Step again) {
          carryOut(again);
          return;
        }
        seen = HeaderEdits.apply(response.headers(), delivered(this, (Deliver) verdict));
      }
      exchange.end(null);
      MeshResponse<T> edited = MeshResponse.of(response, application, uri, seen);
      if (!result.complete(WebSockets.responseTo(application, edited, response))) {
        WebSockets.drop(application, response); // it was given up meanwhile
      }
      unlimit();
    }

    private void failed(@Nullable Throwable failure) {
      Throwable cause = Failures.unwrapped(failure);
      Step again =
          headers != null || result.stopped()
              ? null
              : exchange.retry(attempt, cause, Failures.progress(cause, destination));
      if (again != null) {
        carryOut(again);
      } else if (cause instanceof HttpTimeoutException && exchange.expired()) {
        fail(timeout(cause));
      } else {
        exchange.end(cause);
        result.completeExceptionally(failure == null ? cause : failure);
        unlimit();
      }
    }
  }

  /** The application has its answer: the limit goes on only for a body, whose end it then is. */
  private void unlimit() {
    Limit whole = limit;
    if (whole != null && body == null) {
      whole.cancel();
    }
  }

  private void expire() {
    LimitedBody<T> open = body;
    HttpTimeoutException timeout = timeout(null);
    fail(timeout);
    result.stop();
    if (open != null) {
      open.onError(timeout);
    }
  }

  private HttpTimeoutException timeout(@Nullable Throwable cause) {
    HttpTimeoutException timeout = new HttpTimeoutException(exchange.timeoutMessage());
    if (cause != null) {
      timeout.initCause(cause);
    }
    return timeout;
  }

  private void fail(Throwable failure) {
    exchange.end(failure);
    // Wrapped as the client's own future would, so that dependent stages see the same.
    result.completeExceptionally(new CompletionException(failure));
    unlimit();
  }

  private void reply(LocalReply reply) {
    HttpRequest following = Redirects.following((HttpClient) client, application, reply);
    if (following == null) {
      answer(reply);
    } else if (hops >= MAX_HOPS) {
      fail(new IOException("Too many redirects"));
    } else {
      follow(following);
    }
  }

  /** Sends another request in the application's place. */
  private void follow(HttpRequest following) {
    exchange.end(null);
    CompletableFuture<HttpResponse<T>> sent =
        sent(client, following, handler, push, executor, hops + 1);
    result.underWay(() -> sent.cancel(true));
    sent.whenComplete(this::complete);
  }

  private void answer(LocalReply reply) {
    CompletionStage<HttpResponse<T>> response = LocalResponse.of(reply, application, handler);
    exchange.end(null);
    response.whenComplete(this::complete);
  }

  private void complete(@Nullable HttpResponse<T> response, @Nullable Throwable failure) {
    if (response != null) {
      result.complete(response);
    } else {
      result.completeExceptionally(Failures.unwrapped(failure));
    }
    unlimit();
  }

  private List<HeaderChange> delivered(Sending winner, Deliver verdict) {
    Race<Sending> rivals = race;
    if (rivals != null) {
      rivals.won(winner);
    }
    StoredCookies.received(
        ((HttpClient) client).cookieHandler().orElse(null),
        application.uri(),
        verdict.responseHeaders());
    return verdict.responseHeaders();
  }
}
