package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.BlockingRace;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Drop;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.Connection;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Attempts of one request that go out by one call of the library, one after the other.
 *
 * <p>For each the call is told anew where to look for a connection. When the mesh gives up, it is
 * told once more, so that it has no failure in mind and {@code retryOnConnectionFailure} finds
 * nothing to recover from: it would repeat what the mesh has judged. Confined to the call's thread,
 * but for {@link #breakOff}.
 */
final class Attempts implements BlockingRace.Contender<Answer, RuntimeException> {
  /** How long a call that waits does not notice that it was cancelled. */
  private static final long LOOK_MILLIS = 10;

  private final Interceptor.Chain chain;
  private final MeshInterceptor interceptor;
  private final ClientExchange exchange;
  private final Request request;
  private final Object call;
  private final @Nullable BlockingRace<Answer, RuntimeException> race;

  /** The attempt under way, and whether there is to be none any more: guarded. */
  private @Nullable Sending current;

  private boolean lost;

  /**
   * None yet.
   *
   * @param race which they take part in; null: none
   */
  Attempts(
      Interceptor.Chain chain,
      MeshInterceptor interceptor,
      ClientExchange exchange,
      @Nullable BlockingRace<Answer, RuntimeException> race) {
    this.chain = chain;
    this.interceptor = interceptor;
    this.exchange = exchange;
    this.request = chain.request();
    this.call = LibraryCall.of(chain);
    this.race = race;
  }

  @Override
  public @Nullable Answer run(Step first) throws IOException {
    Step step = first;
    while (step != Drop.INSTANCE) {
      pause(step.pause());
      if (lost()) {
        return null;
      }
      if (exchange.late(step)) {
        throw timeout(new InterruptedIOException("timeout"));
      }
      if (step instanceof LocalReply reply) {
        return Answer.local(LocalResponse.of(reply, request));
      }
      Sending sending = begin((Attempt) step);
      try {
        Verdict verdict = carriedOut(sending);
        if (verdict instanceof Deliver deliver) {
          return new Answer(sending.response(), deliver.responseHeaders(), sending, null);
        }
        step = (Step) verdict;
      } catch (Throwable t) {
        sending.stop();
        throw t;
      }
    }
    return null;
  }

  private Verdict carriedOut(Sending sending) throws IOException {
    Response response;
    try {
      response = send(sending);
    } catch (IOException | RuntimeException e) {
      return next(sending, e);
    }
    if (sending.timedOut()) {
      // Just as the head arrived: the exchange is cancelled, and its body with it.
      response.close();
      InterruptedIOException late = new InterruptedIOException("timeout");
      sending.failed(late);
      return next(sending, late);
    }
    sending.answered(response);
    Verdict verdict = exchange.responded(sending.attempt(), response.code(), response::headers);
    if (verdict instanceof Step) {
      sending.stop();
      // Takes a short rest of the body in, and closes the connection of a long one.
      response.close();
      LibraryCall.exit(call);
    }
    return verdict;
  }

  private Sending begin(Attempt attempt) {
    Connection held = LibraryCall.held(call);
    Endpoint endpoint =
        new Endpoint(
            attempt,
            request.url(),
            held == null ? null : held.route().address().url(),
            race != null);
    Sending sending = new Sending(attempt, endpoint, exchange.remaining());
    synchronized (this) {
      current = sending;
      if (lost) {
        sending.breakOff();
      }
    }
    return sending;
  }

  private Response send(Sending sending) throws IOException {
    interceptor.sending(sending);
    Limit rival = race == null ? Limit.none() : race.sent(sending.attempt());
    try {
      Interceptor.Chain bounded = sending.bounded(chain);
      LibraryCall.enter(call, request, bounded, sending.endpoint());
      return interceptor.connect(bounded);
    } finally {
      rival.cancel();
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
    if (lost()) {
      return Drop.INSTANCE; // by us: it says nothing of the endpoint
    }
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
    for (long left = pause.toNanos(); left > 0 && !lost(); left = end - System.nanoTime()) {
      if (chain.call().isCanceled()) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw interrupted();
      }
    }
    checkCanceled();
  }

  /** Throws what the application gets when it has cancelled the call, or interrupts its thread. */
  void look() throws IOException {
    checkCanceled();
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
  }

  private void checkCanceled() throws IOException {
    if (chain.call().isCanceled()) {
      throw new IOException("Canceled");
    }
  }

  private static InterruptedIOException interrupted() {
    return new InterruptedIOException("interrupted");
  }

  private synchronized boolean lost() {
    return lost;
  }

  @Override
  public synchronized void breakOff() {
    lost = true;
    if (current != null) {
      current.breakOff();
    }
  }

  @Override
  public void discard(Answer answer) {
    answer.discard();
  }
}
