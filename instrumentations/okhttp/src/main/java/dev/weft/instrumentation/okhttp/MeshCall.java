package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Connection;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * One request of the application, over all its attempts.
 *
 * <p>For each attempt the call is told anew where to look for a connection. When the mesh gives up,
 * it is told once more, so that it has no failure in mind and {@code retryOnConnectionFailure}
 * finds nothing to recover from: it would repeat what the mesh has judged. Confined to the call's
 * thread, which the library means to block.
 */
final class MeshCall {
  /** How long a call that waits does not notice that it was cancelled. */
  private static final long LOOK_MILLIS = 10;

  private final Interceptor.Chain chain;
  private final MeshInterceptor interceptor;
  private final ClientExchange exchange;
  private final Request request;
  private final Object call;

  MeshCall(Interceptor.Chain chain, MeshInterceptor interceptor, ClientExchange exchange) {
    this.chain = chain;
    this.interceptor = interceptor;
    this.exchange = exchange;
    this.request = chain.request();
    this.call = LibraryCall.of(chain);
  }

  /** Carries the steps out until one ends in a response. */
  Response response() throws IOException {
    Sending sending = null;
    try {
      Step step = exchange.first();
      while (true) {
        pause(step.pause());
        if (exchange.late(step)) {
          throw timeout(new InterruptedIOException("timeout"));
        }
        if (step instanceof LocalReply reply) {
          Response response = LocalResponse.of(reply, request);
          exchange.end(null);
          return response;
        }
        sending = begin((Attempt) step);
        Response response;
        try {
          response = send(sending);
        } catch (IOException | RuntimeException e) {
          step = next(sending, e);
          continue;
        }
        if (sending.timedOut()) {
          // Just as the head arrived: the exchange is cancelled, and its body with it.
          response.close();
          InterruptedIOException late = new InterruptedIOException("timeout");
          sending.failed(late);
          step = next(sending, late);
          continue;
        }
        Attempt attempt = sending.attempt();
        Verdict verdict = exchange.responded(attempt, response.code(), response::headers);
        if (verdict instanceof Deliver deliver) {
          return delivered(response, deliver, sending);
        }
        sending.stop();
        // Takes a short rest of the body in, and closes the connection of a long one.
        response.close();
        LibraryCall.exit(call);
        step = (Step) verdict;
      }
    } catch (Throwable t) {
      if (sending != null) {
        sending.stop();
      }
      exchange.end(t);
      throw t;
    }
  }

  private Sending begin(Attempt attempt) {
    Connection held = LibraryCall.held(call);
    Endpoint endpoint =
        new Endpoint(
            attempt.address(), request.url(), held == null ? null : held.route().address().url());
    return new Sending(attempt, endpoint, exchange.remaining());
  }

  private Response send(Sending sending) throws IOException {
    interceptor.sending(sending);
    try {
      Interceptor.Chain bounded = sending.bounded(chain);
      LibraryCall.enter(call, request, bounded, sending.endpoint());
      return bounded.proceed(request);
    } finally {
      interceptor.sending(null);
    }
  }

  /** What follows a failed attempt. */
  private Step next(Sending sending, Exception thrown) throws IOException {
    sending.stop();
    IOException failure = LibraryCall.failure(thrown);
    if (failure == null) {
      throw (RuntimeException) thrown; // of the application's interceptors
    }
    IOException surfaced = sending.timedOut() ? timeout(failure) : failure;
    LibraryCall.exit(call);
    Progress progress = sending.progress(failure);
    Step next =
        progress == null || chain.call().isCanceled()
            ? null
            : exchange.retry(sending.attempt(), surfaced, progress);
    if (next != null) {
      return next;
    }
    LibraryCall.enter(call, request, chain, null);
    throw !sending.timedOut() && failure instanceof InterruptedIOException && exchange.expired()
        ? timeout(failure)
        : surfaced;
  }

  private Response delivered(Response response, Deliver deliver, Sending sending) {
    List<HeaderChange> changes = deliver.responseHeaders();
    Response.Builder edited = response.newBuilder().request(request);
    if (!changes.isEmpty()) {
      edited.headers(HeaderEdits.apply(response.headers(), changes));
    }
    if (DeliveredBody.hasEnd(response)) {
      edited.body(
          DeliveredBody.of(response.body(), exchange, sending.ofBody(exchange.remaining())));
    } else {
      sending.stop();
      exchange.end(null);
    }
    return edited.build();
  }

  private SocketTimeoutException timeout(Throwable cause) {
    return timeout(exchange, cause);
  }

  /** The library's own timeout, with the rule that set the limit. */
  static SocketTimeoutException timeout(ClientExchange exchange, Throwable cause) {
    SocketTimeoutException timeout = new SocketTimeoutException(exchange.timeoutMessage());
    timeout.initCause(cause);
    return timeout;
  }

  private void pause(Duration pause) throws IOException {
    long end = System.nanoTime() + pause.toNanos();
    for (long left = pause.toNanos(); left > 0; left = end - System.nanoTime()) {
      if (chain.call().isCanceled()) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
    if (chain.call().isCanceled()) {
      throw new IOException("Canceled");
    }
  }
}
