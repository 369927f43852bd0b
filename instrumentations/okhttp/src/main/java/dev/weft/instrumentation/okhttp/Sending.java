package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Handshakes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.UnknownServiceException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on its way through the rest of the chain. Confined to the call's thread, but for
 * {@link #breakOff}.
 */
final class Sending {
  private final Attempt attempt;
  private final Endpoint endpoint;

  /** Nanoseconds; negative: none. */
  private final long timeout;

  /** Whether that is what is left of the whole request, so that it holds for the body, too. */
  private final boolean whole;

  private final Limit limit = new Limit();
  private boolean connected;
  private volatile @Nullable Object exchange;
  private volatile boolean lost;
  private @Nullable IOException failure;
  private @Nullable Response response;

  /**
   * An attempt that begins now.
   *
   * @param remaining what is left of the whole request's limit
   */
  Sending(Attempt attempt, Endpoint endpoint, Optional<Duration> remaining) {
    this.attempt = attempt;
    this.endpoint = endpoint;
    long own = nanos(attempt.timeout());
    long left = nanos(remaining);
    this.whole = left >= 0 && (own < 0 || own >= left);
    this.timeout = whole ? left : own;
    if (timeout >= 0) {
      limit.start(timeout);
    }
  }

  private static long nanos(Optional<Duration> time) {
    return time.isPresent() ? time.get().toNanos() : -1;
  }

  Attempt attempt() {
    return attempt;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /** The chain with the limit of connecting: the smallest of the application's and the mesh's. */
  Interceptor.Chain bounded(Interceptor.Chain chain) {
    long nanos = attempt.connectTimeout().toNanos();
    if (timeout >= 0 && timeout < nanos) {
      nanos = timeout;
    }
    long millis = Math.max(1, Math.min(TimeUnit.NANOSECONDS.toMillis(nanos), Integer.MAX_VALUE));
    int application = chain.connectTimeoutMillis();
    return application > 0 && application <= millis
        ? chain
        : chain.withConnectTimeout((int) millis, TimeUnit.MILLISECONDS);
  }

  /** There is a connection. */
  void connected() {
    connected = true;
  }

  /** The request is about to be written. */
  void exchange(Object current) {
    exchange = current;
    limit.guard(current);
    if (lost) {
      LibraryCall.cancel(current);
    }
  }

  /** Makes what it waits for fail, on the wire, too: another attempt has won. */
  void breakOff() {
    lost = true;
    endpoint.breakOff();
    Object current = exchange;
    if (current != null) {
      LibraryCall.cancel(current);
    }
  }

  /** The head of the response is here. */
  void answered(Response head) {
    response = head;
  }

  /** What it was {@link #answered}. */
  Response response() {
    return Objects.requireNonNull(response);
  }

  /** Writing the request or reading the response's headers failed. */
  void failed(IOException wireFailure) {
    failure = wireFailure;
  }

  /** The attempt is over. */
  void stop() {
    limit.stop();
  }

  /**
   * The limit of the response's body, which runs.
   *
   * @param request of which the attempt is one
   */
  Limit ofBody(ClientExchange request) {
    if (whole) {
      return limit;
    }
    limit.stop();
    Limit ofBody = new Limit();
    guardedBy(ofBody);
    Optional<Duration> remaining = request.remaining();
    if (remaining.isPresent()) {
      ofBody.start(remaining.get().toNanos());
    }
    return ofBody;
  }

  /** Lets a limit cancel the exchange. */
  void guardedBy(Limit other) {
    Object current = exchange;
    if (current != null) {
      other.guard(current);
    }
  }

  /** Whether the mesh's limit ran out. */
  boolean timedOut() {
    return limit.over();
  }

  /**
   * How much may have reached the peer; null: the failure is no endpoint's, but of the application
   * (its limit, its settings, its interceptors).
   */
  @Nullable Progress progress(IOException surfaced) {
    if (surfaced instanceof UnknownServiceException) {
      return null; // the client may not send without TLS
    }
    if (!connected) {
      boolean interrupted =
          surfaced instanceof InterruptedIOException
              && !(surfaced instanceof SocketTimeoutException);
      return interrupted ? null : Progress.UNSENT;
    }
    IOException wire = failure;
    if (wire == null) {
      return null;
    }
    if (timedOut()) {
      return Progress.SENT;
    }
    if (wire instanceof InterruptedIOException) {
      return null;
    }
    if (LibraryCall.refused(wire)) {
      return Progress.REFUSED;
    }
    return LibraryCall.shutDown(wire) || (endpoint.dialled() && Handshakes.failed(wire))
        ? Progress.UNSENT
        : Progress.SENT;
  }
}
