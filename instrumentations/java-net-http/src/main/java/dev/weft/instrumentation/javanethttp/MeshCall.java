package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Step;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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
  private final Object client;
  private final HttpRequest application;
  private final BodyHandler<T> handler;
  private final @Nullable PushPromiseHandler<T> push;
  private final @Nullable Executor executor;
  private final ClientExchange exchange;

  /** Keeps the client running between two attempts; see {@link JdkClient#facade}. */
  @SuppressWarnings("UnusedVariable")
  private final @Nullable Object facade;

  private final MeshFuture<HttpResponse<T>> result = new MeshFuture<>();
  private volatile @Nullable HttpHeaders headers;

  private MeshCall(
      Object client,
      HttpRequest application,
      BodyHandler<T> handler,
      @Nullable PushPromiseHandler<T> push,
      @Nullable Executor executor,
      ClientExchange exchange) {
    this.client = client;
    this.application = application;
    this.handler = handler;
    this.push = push;
    this.executor = executor;
    this.exchange = exchange;
    this.facade = JdkClient.facade(client);
  }

  /** Takes the call over; null when it is none of the mesh's business. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  static @Nullable CompletableFuture<?> send(
      Object client,
      HttpRequest request,
      BodyHandler<?> handler,
      @Nullable PushPromiseHandler<?> push,
      @Nullable Executor executor) {
    if (request instanceof MeshRequest) {
      return null; // an attempt of ours
    }
    URI uri = request.uri();
    if (uri == null
        || uri.getHost() == null
        || !"http".equalsIgnoreCase(uri.getScheme())
        || !Mesh.client().knows(uri.getHost())
        || JdkClient.webSocket(request)
        || JdkClient.proxied(client, uri)) {
      return null;
    }
    ClientExchange exchange =
        Mesh.client().begin(JavaNetHttpInstrumentation.NAME, new ApplicationRequest(request));
    if (exchange == null) {
      return null;
    }
    return new MeshCall(client, request, handler, push, executor, exchange).start();
  }

  private CompletableFuture<HttpResponse<T>> start() {
    Step first = exchange.first();
    if (first instanceof LocalReply reply) {
      reply(reply);
      return result;
    }
    exchange.remaining().ifPresent(this::limit);
    attempt((Attempt) first);
    return result;
  }

  /** Sends one attempt; what the client throws at once (an illegal request) is the caller's. */
  private void attempt(Attempt attempt) {
    Destination destination =
        Destination.of(attempt.address(), application.uri(), attempt.connectTimeout());
    CompletableFuture<HttpResponse<T>> sent;
    try {
      sent =
          JdkClient.sendAsync(
              client,
              new MeshRequest(application, attempt, destination),
              this::bodySubscriber,
              push,
              executor);
    } catch (RuntimeException | Error e) {
      exchange.end(e);
      throw e;
    }
    result.attempt(sent);
    sent.whenComplete(
        (response, failure) -> {
          try {
            finished(destination, response, failure);
          } catch (Throwable t) {
            fail(t); // nobody else would ever complete the application's future
          }
        });
  }

  /** Called by the client when the final response's headers are there, before its body. */
  private BodySubscriber<T> bodySubscriber(HttpResponse.ResponseInfo info) {
    List<HeaderChange> changes = exchange.responded(info.statusCode(), info.headers()::allValues);
    HttpHeaders edited = HeaderEdits.apply(info.headers(), changes);
    headers = edited;
    return handler.apply(
        changes.isEmpty()
            ? info
            : new EditedResponseInfo(info.statusCode(), edited, info.version()));
  }

  private void finished(
      Destination destination, @Nullable HttpResponse<T> response, @Nullable Throwable failure) {
    if (response != null) {
      HttpHeaders seen = headers;
      if (seen == null) { // a response whose body the client did not ask for
        seen =
            HeaderEdits.apply(
                response.headers(),
                exchange.responded(response.statusCode(), response.headers()::allValues));
      }
      exchange.end(null);
      result.complete(MeshResponse.of(response, application, seen));
      return;
    }
    Throwable cause = unwrapped(failure);
    Attempt next =
        headers != null || result.stopped()
            ? null
            : exchange.retry(cause, progress(cause, destination));
    if (next != null) {
      delayed(next.backoff()).execute(() -> again(next));
    } else if (cause instanceof HttpTimeoutException && exchange.expired()) {
      fail(timeout(cause));
    } else {
      exchange.end(cause);
      result.completeExceptionally(failure == null ? cause : failure);
    }
  }

  private void again(Attempt attempt) {
    if (result.stopped()) {
      fail(new CancellationException("Request cancelled"));
      return;
    }
    try {
      attempt(attempt);
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  /**
   * Whether the attempt provably sent nothing. A connect failure after the client itself followed a
   * redirect or a challenge proves nothing: the first request was answered.
   */
  private static Progress progress(Throwable failure, Destination destination) {
    boolean connect =
        failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException;
    return connect && !destination.followedUp() ? Progress.UNSENT : Progress.SENT;
  }

  /** Bounds the whole call with its body, which the client's own timer does not. */
  private void limit(Duration remaining) {
    CompletableFuture<Void> timer = new CompletableFuture<>();
    result.whenComplete((response, failure) -> timer.complete(null));
    timer
        .orTimeout(remaining.toMillis() + 1, TimeUnit.MILLISECONDS)
        .exceptionallyAsync(
            expired -> {
              fail(timeout(null));
              result.stop();
              return null;
            });
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
  }

  private void reply(LocalReply reply) {
    HttpHeaders replyHeaders =
        HttpHeaders.of(
            Map.of(
                LocalReply.REASON_HEADER,
                List.of(reply.reasonValue()),
                "content-type",
                List.of("text/plain; charset=utf-8")),
            (name, value) -> true);
    byte[] body = application.method().equals("HEAD") ? new byte[0] : reply.body();
    BodySubscriber<T> subscriber =
        handler.apply(
            new EditedResponseInfo(reply.status(), replyHeaders, HttpClient.Version.HTTP_1_1));
    exchange.end(null);
    subscriber.onSubscribe(new SingleBuffer(subscriber, body));
    subscriber
        .getBody()
        .whenComplete(
            (value, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                result.complete(
                    MeshResponse.local(reply.status(), application, replyHeaders, value));
              }
            });
  }

  private static Executor delayed(Duration backoff) {
    return CompletableFuture.delayedExecutor(backoff.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static Throwable unwrapped(@Nullable Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return failure.getCause();
    }
    return failure == null ? new IllegalStateException("neither response nor failure") : failure;
  }

  /** Response info with the headers that policy edited. */
  private record EditedResponseInfo(int statusCode, HttpHeaders headers, HttpClient.Version version)
      implements HttpResponse.ResponseInfo {}
}
