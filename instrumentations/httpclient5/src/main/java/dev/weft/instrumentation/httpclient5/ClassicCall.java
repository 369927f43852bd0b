package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Handshakes;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.impl.classic.RequestFailedException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * One request of the classic client, over all its attempts, on the calling thread.
 *
 * <p>What blocks that thread (a lease, a dial, a read) is broken off by timers, which discard the
 * connection; what then surfaces is told from other failures by the timer's own mark.
 */
final class ClassicCall {
  /** Of a dropped response, so much is read that its connection can be used again. */
  private static final int SHORT_BODY = 64 * 1024;

  private static final Duration DRAIN = Duration.ofSeconds(1);

  /** A request that the application cancels while it pauses ends after so long. */
  private static final long PATIENCE_NANOS = 20_000_000;

  private final Connections connections;
  private final HttpRoute route;
  private volatile @Nullable ClientExchange exchange;
  private volatile @Nullable Limit whole;

  /** The limit of the whole request has run out. */
  private volatile boolean expired;

  /** The limit of the current attempt has run out. */
  private boolean overdue;

  private boolean connecting;
  private boolean fresh;

  ClassicCall(Connections connections, HttpRoute route) {
    this.connections = connections;
    this.route = route;
  }

  ClassicHttpResponse send(ClassicHttpRequest request) throws IOException, HttpException {
    ClientExchange begun =
        Mesh.client()
            .begin(
                HttpClient5Instrumentation.NAME,
                new ApplicationRequest(
                    request, route.getTargetHost(), new ClassicContent(request.getEntity())));
    MeshRetryStrategy.judged(connections.context(), begun != null);
    if (begun == null) {
      return sendUntouched(request);
    }
    exchange = begun;
    try {
      Step first = begun.first();
      begun.remaining().ifPresent(limit -> whole = Limit.after(limit, this::expire));
      return carryOut(begun, first, request);
    } catch (Throwable t) {
      ended(t);
      throw t;
    }
  }

  private ClassicHttpResponse sendUntouched(ClassicHttpRequest request)
      throws IOException, HttpException {
    connections.lease(route, Optional.empty());
    if (!connections.connected()) {
      connections.connect();
    }
    return connections.execute(request);
  }

  private ClassicHttpResponse carryOut(ClientExchange begun, Step first, ClassicHttpRequest request)
      throws IOException, HttpException {
    Step step = first;
    while (true) {
      pause(step.pause());
      if (begun.late(step)) {
        throw surfaced(Failures.attemptTimeout());
      }
      if (step instanceof LocalReply reply) {
        return replied(request, reply);
      }
      Attempt attempt = (Attempt) step;
      ClassicHttpRequest wire = WireRequest.of(request, attempt);
      lease(begun, attempt);
      ClassicHttpResponse response;
      try {
        response = sent(attempt, wire);
      } catch (IOException | HttpException e) {
        step = again(begun, attempt, e);
        continue;
      }
      Verdict verdict =
          begun.responded(attempt, response.getCode(), name -> HeaderValues.of(response, name));
      if (verdict instanceof Deliver deliver) {
        return delivered(response, deliver);
      }
      drop(wire, response);
      step = (Step) verdict;
    }
  }

  /** A full pool is not the endpoint's fault: no other endpoint is asked for. */
  private void lease(ClientExchange begun, Attempt attempt) throws IOException {
    try {
      connections.lease(
          MeshRoutes.endpoint(route, attempt.address(), PoolKind.CONNECTIONS), begun.remaining());
    } catch (IOException e) {
      throw surfaced(e);
    }
    if (expired) {
      connections.discard();
      throw Failures.timeout(begun, Failures.attemptTimeout());
    }
  }

  private ClassicHttpResponse sent(Attempt attempt, ClassicHttpRequest wire)
      throws IOException, HttpException {
    overdue = false;
    fresh = !connections.connected();
    connecting = fresh;
    Limit limit =
        attempt.timeout().map(time -> Limit.after(time, connections::discard)).orElse(Limit.none());
    try {
      if (fresh) {
        connections.connect(route, attempt);
      }
      connecting = false;
      ClassicHttpResponse response = connections.execute(wire);
      overdue = !limit.cancel();
      if (overdue) {
        throw Failures.attemptTimeout();
      }
      return response;
    } catch (IOException | HttpException e) {
      overdue |= !limit.cancel();
      throw e;
    } catch (RuntimeException e) {
      overdue = !limit.cancel();
      if (overdue || expired) { // the library found its connection gone
        throw new IOException(e);
      }
      connections.discard();
      throw e;
    }
  }

  private void expire() {
    expired = true;
    connections.discard();
  }

  /**
   * What follows a failed attempt.
   *
   * @throws IOException or another one: what the application gets in its place
   */
  private Step again(ClientExchange begun, Attempt attempt, Exception failure)
      throws IOException, HttpException {
    connections.discard();
    boolean unsent = connecting || (fresh && Handshakes.failed(failure));
    Exception judged = failure;
    if (overdue || expired) {
      judged = Failures.attemptTimeout();
      judged.initCause(failure);
    }
    Step next =
        connections.aborted()
            ? null
            : begun.retry(attempt, judged, unsent ? Progress.UNSENT : Progress.SENT);
    if (next != null) {
      return next;
    }
    if (judged instanceof IOException io) {
      throw surfaced(io);
    }
    throw (HttpException) judged;
  }

  /** What the application gets: its own kind of timeout where a limit of policy has run out. */
  IOException surfaced(IOException failure) {
    ClientExchange begun = exchange;
    if (begun == null) {
      return failure;
    }
    // Each of the library's timeouts is an interruption.
    boolean ours = expired || (begun.expired() && failure instanceof InterruptedIOException);
    return ours ? Failures.timeout(begun, failure) : failure;
  }

  private ClassicHttpResponse delivered(ClassicHttpResponse response, Deliver deliver) {
    HeaderEdits.apply(response, deliver.responseHeaders());
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      ended(null);
    } else {
      response.setEntity(new DeliveredEntity(entity, this));
    }
    return response;
  }

  private ClassicHttpResponse replied(ClassicHttpRequest request, LocalReply reply) {
    ClassicHttpResponse response = new BasicClassicHttpResponse(reply.status());
    LocalResponse.fill(response, HttpVersion.HTTP_1_1, reply);
    byte[] body = LocalResponse.body(request.getMethod(), reply);
    if (body.length > 0) {
      response.setEntity(new ByteArrayEntity(body, LocalResponse.type(response)));
    }
    ended(null);
    return response;
  }

  /** Makes the connection of a response that nobody will see free again, or closes it. */
  private void drop(ClassicHttpRequest wire, ClassicHttpResponse response) {
    try (Limit limit = Limit.after(DRAIN, connections::discard)) {
      if (drained(response.getEntity())) {
        connections.release(wire, response);
        return;
      }
    } catch (IOException | RuntimeException e) {
      // it may break off: nobody will see it
    }
    connections.discard();
  }

  private static boolean drained(@Nullable HttpEntity entity) throws IOException {
    if (entity == null) {
      return true;
    }
    if (entity.getContentLength() > SHORT_BODY) {
      return false;
    }
    // Not closed when it is long: that would read the rest.
    InputStream in = entity.getContent();
    byte[] buffer = new byte[4096];
    int length = 0;
    int read;
    while ((read = in.read(buffer)) != -1) {
      length += read;
      if (length > SHORT_BODY) {
        return false;
      }
    }
    in.close();
    return true;
  }

  private void pause(Duration pause) throws IOException {
    long end = System.nanoTime() + pause.toNanos();
    long left = pause.toNanos();
    while (left > 0) {
      LockSupport.parkNanos(this, Math.min(left, PATIENCE_NANOS));
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("Request interrupted");
      }
      if (expired) {
        throw surfaced(Failures.attemptTimeout());
      }
      if (connections.aborted()) {
        throw new RequestFailedException("Request aborted");
      }
      left = end - System.nanoTime();
    }
  }

  /** The outcome; the first call counts. */
  void ended(@Nullable Throwable failure) {
    ClientExchange begun = exchange;
    Limit limit = whole;
    if (limit != null) {
      limit.close();
    }
    if (begun != null) {
      begun.end(failure);
    }
  }
}
