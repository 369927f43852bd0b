package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.BlockingRace;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Drop;
import dev.weft.instrumentation.Handshakes;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.apache.hc.client5.http.impl.classic.RequestFailedException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * Attempts of one request of the classic client, one after the other on one thread.
 *
 * <p>What blocks that thread (a lease, a dial, a read) is broken off by timers, and by a rival that
 * wins, which discard the connection; what then surfaces is told from other failures by a mark.
 */
final class ClassicAttempts implements BlockingRace.Contender<ClassicAnswer, HttpException> {
  /** Of a dropped response, so much is read that its connection can be used again. */
  private static final int SHORT_BODY = 64 * 1024;

  private static final Duration DRAIN = Duration.ofSeconds(1);

  /** A request that the application cancels while it pauses ends after so long. */
  private static final long PATIENCE_NANOS = 20_000_000;

  private final ClassicCall call;
  private final ClientExchange exchange;
  private final ClassicHttpRequest request;
  private final @Nullable HttpEntity body;
  private final Connections connections;
  private final @Nullable BlockingRace<ClassicAnswer, HttpException> race;
  private volatile boolean lost;

  /** The limit of the current attempt has run out. */
  private boolean overdue;

  private boolean leasing;
  private boolean connecting;
  private boolean fresh;

  /**
   * None yet.
   *
   * @param body the request's, or a copy
   * @param race which they take part in; null: none
   */
  ClassicAttempts(
      ClassicCall call,
      ClientExchange exchange,
      ClassicHttpRequest request,
      @Nullable HttpEntity body,
      Connections connections,
      @Nullable BlockingRace<ClassicAnswer, HttpException> race) {
    this.call = call;
    this.exchange = exchange;
    this.request = request;
    this.body = body;
    this.connections = connections;
    this.race = race;
  }

  @Override
  public @Nullable ClassicAnswer run(Step first) throws IOException, HttpException {
    Step step = first;
    while (step != Drop.INSTANCE) {
      pause(step.pause());
      if (lost) {
        return null;
      }
      if (exchange.late(step)) {
        throw call.surfaced(Failures.attemptTimeout());
      }
      if (step instanceof LocalReply reply) {
        return new ClassicAnswer.Local(reply);
      }
      Attempt attempt = (Attempt) step;
      ClassicHttpRequest wire = WireRequest.of(request, attempt, body);
      ClassicHttpResponse response;
      try {
        lease(attempt);
        response = sent(attempt, wire);
      } catch (IOException | HttpException e) {
        step = again(attempt, e);
        continue;
      }
      Verdict verdict =
          exchange.responded(attempt, response.getCode(), name -> HeaderValues.of(response, name));
      if (verdict instanceof Deliver deliver) {
        return new ClassicAnswer.Delivered(response, deliver, connections);
      }
      drop(wire, response);
      step = (Step) verdict;
    }
    return null;
  }

  private void lease(Attempt attempt) throws IOException {
    leasing = true;
    connections.lease(call.route(attempt), exchange.remaining());
    leasing = false;
    if (call.expired()) {
      connections.discard();
      throw Failures.timeout(exchange, Failures.attemptTimeout());
    }
    if (lost) {
      throw new RequestFailedException("another attempt has won");
    }
  }

  private ClassicHttpResponse sent(Attempt attempt, ClassicHttpRequest wire)
      throws IOException, HttpException {
    overdue = false;
    fresh = !connections.connected();
    connecting = fresh;
    Limit rival = race == null ? Limit.none() : race.sent(attempt);
    Limit limit =
        attempt.timeout().isPresent()
            ? Limit.after(attempt.timeout().get(), connections::discard)
            : Limit.none();
    try {
      if (fresh) {
        call.connect(connections, attempt);
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
      if (overdue || lost || call.expired()) { // the library found its connection gone
        throw new IOException(e);
      }
      connections.discard();
      throw e;
    } finally {
      rival.cancel();
    }
  }

  /**
   * What follows a failed attempt.
   *
   * @throws IOException or another one: what the application gets in its place
   */
  private Step again(Attempt attempt, Exception failure) throws IOException, HttpException {
    connections.discard();
    if (lost) {
      return Drop.INSTANCE; // by us: it says nothing of the endpoint
    }
    if (leasing && failure instanceof IOException full && !connections.forked()) {
      throw call.surfaced(full); // not the endpoint's fault: no other endpoint is asked for
    }
    boolean unsent = leasing || connecting || (fresh && Handshakes.failed(failure));
    Exception judged = failure;
    if (overdue || call.expired()) {
      judged = Failures.attemptTimeout();
      judged.initCause(failure);
    }
    Step next =
        connections.aborted()
            ? null
            : exchange.retry(attempt, judged, unsent ? Progress.UNSENT : Progress.SENT);
    if (next != null) {
      return next;
    }
    if (judged instanceof IOException io) {
      throw call.surfaced(io);
    }
    throw (HttpException) judged;
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
    while (left > 0 && !lost) {
      LockSupport.parkNanos(this, Math.min(left, PATIENCE_NANOS));
      look();
      left = end - System.nanoTime();
    }
  }

  /** Throws what the application gets when it, or the time, ends a request that waits. */
  void look() throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("Request interrupted");
    }
    if (call.expired()) {
      throw call.surfaced(Failures.attemptTimeout());
    }
    if (connections.aborted()) {
      throw new RequestFailedException("Request aborted");
    }
  }

  @Override
  public void breakOff() {
    lost = true;
    connections.cancel();
  }

  @Override
  public void discard(ClassicAnswer answer) {
    connections.discard();
  }
}
