package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Drop;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Race;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.timeout.ReadTimeoutException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * One request over all its attempts.
 *
 * <p>The library asks the application for headers and body only when it has a connection, but the
 * mesh needs the headers to say which connection that must be. So an application that has a part in
 * its request writes it into a {@link Recording} first, once, whatever happens; each attempt
 * ({@link Sending}) plays it back on a connection of the library's own pool. Nothing blocks: pauses
 * and limits are timers. Those are not an event loop's: to give it one from another thread wakes
 * it. Thread-safe.
 */
final class Hop {
  private final Subscribed subscribed;
  private final @Nullable InetSocketAddress mesh;

  /** Null: nobody has been asked for anything, see {@link ConfiguredRequest}. */
  private volatile @Nullable Recording recording;

  /** What the recording, which is made for it, is to be answered. */
  private volatile @Nullable LocalReply answer;

  /** Set once the outcome is known: a response is handed out, a failure, or nobody wants it. */
  private final AtomicBoolean over = new AtomicBoolean();

  private volatile @Nullable ClientExchange exchange;
  private volatile Optional<Duration> hedgeDelay = Optional.empty();

  private final Race<Sending> race = new Race<>(Sending::cancel);

  private volatile Limit pausing = Limit.none();
  private volatile Limit limit = Limit.none();
  private volatile @Nullable Delivered delivered;
  private volatile boolean expired;

  /**
   * A request that begins.
   *
   * @param mesh what the application asks for; null: the request passes, after a redirect
   */
  Hop(Subscribed subscribed, @Nullable InetSocketAddress mesh) {
    this.subscribed = subscribed;
    this.mesh = mesh;
  }

  Subscribed subscribed() {
    return subscribed;
  }

  @Nullable Recording recording() {
    return recording;
  }

  void start() {
    InetSocketAddress address = mesh;
    if (address != null && subscribed.isConfigured()) {
      begin(new ConfiguredRequest(subscribed.config(), subscribed.handler(), address));
    } else {
      record();
    }
  }

  private void record() {
    Recording begun = new Recording(this);
    recording = begun;
    if (over.get()) {
      begun.close();
    } else {
      begun.start();
    }
  }

  /** The application abandons the request. */
  void cancel() {
    if (over.compareAndSet(false, true)) {
      race.end();
      finish(null);
    }
  }

  /** The head of the request is known; called once. */
  void recorded(Recording written) {
    if (over.get()) {
      return;
    }
    LocalReply reply = answer;
    if (reply != null) {
      written.answer(reply);
    } else if (mesh == null) {
      pass();
    } else {
      begin(new ApplicationRequest(written, mesh));
    }
  }

  private void pass() {
    try {
      send(null);
    } catch (RuntimeException e) {
      unwritten(e);
    }
  }

  private void begin(OutboundRequest request) {
    if (over.get()) {
      return;
    }
    ClientExchange begun = Mesh.client().begin(ReactorNettyInstrumentation.NAME, request);
    exchange = begun;
    if (begun == null) {
      pass();
      return;
    }
    Step first = begun.first();
    if (over.get()) {
      begun.end(null); // cancelled before there was anything to end
      return;
    }
    begun.remaining().ifPresent(left -> limit = after(left, this::expire));
    hedgeDelay = begun.hedgeDelay();
    carryOut(first);
  }

  /** There is nothing to send, or no way to. */
  void unwritten(Throwable failure) {
    if (over.compareAndSet(false, true)) {
      fail(failure);
    }
  }

  /** The mesh's own answer is there. */
  void answeredLocally(Connection response) {
    if (over.compareAndSet(false, true)) {
      ended(null);
      subscribed.answered(response);
    }
  }

  /** The mesh's own answer is a redirect, or one that the library makes an exception of. */
  void answeredLocally(Throwable failure) {
    if (over.compareAndSet(false, true)) {
      surface(failure);
    }
  }

  /** Surfaces what the library made of an answer. */
  private void surface(Throwable failure) {
    finish(null);
    if (Internals.followUp(failure)) {
      subscribed.followUp(failure);
    } else {
      subscribed.failed(failure);
    }
  }

  /**
   * Asks what becomes of a response, and applies the edits.
   *
   * @return what follows; null: the application gets it
   */
  @Nullable Step responded(@Nullable Attempt attempt, int status, HttpHeaders headers) {
    ClientExchange current = exchange;
    if (current == null || attempt == null) {
      return null;
    }
    Verdict verdict = current.responded(attempt, status, name -> HeaderEdits.values(headers, name));
    if (verdict instanceof Step again) {
      return again;
    }
    HeaderEdits.apply(headers, ((Deliver) verdict).responseHeaders());
    return null;
  }

  /** The application gets this response, and no other one. */
  void deliver(Sending answered, Connection response) {
    if (!over.compareAndSet(false, true)) {
      response.dispose();
      return;
    }
    race.won(answered);
    if (answered.opensWebSocket()) {
      finish(null); // what follows is no request's
      subscribed.answered(response);
      return;
    }
    Delivered handedOut = Delivered.of(response, () -> finish(null));
    delivered = handedOut;
    subscribed.answered(response);
    if (expired) {
      interrupt(handedOut); // time ran out before it could be seen that there is a response
    }
  }

  /** A response was dropped: this follows. */
  void again(Sending dropped, Step step) {
    race.leave(dropped);
    carryOut(step);
  }

  /** An attempt failed. */
  void failed(Sending failed, Throwable failure) {
    ClientExchange current = exchange;
    Attempt attempt = failed.attempt();
    if (current == null || attempt == null) {
      if (over.compareAndSet(false, true)) {
        finish(failure);
        subscribed.followUp(failure);
      }
      return;
    }
    if (Internals.followUp(failure)) {
      if (over.compareAndSet(false, true)) {
        race.won(failed);
        finish(null);
        HttpHeaders asked = failed.headers();
        if (asked != null) {
          Internals.previousHeaders(subscribed.handler(), asked);
        }
        subscribed.followUp(failure);
      }
      return;
    }
    if (over.get()) {
      return;
    }
    race.leave(failed);
    if (failed.handshakeAnswered()) {
      if (over.compareAndSet(false, true)) {
        race.won(failed);
        surface(failure);
      }
      return;
    }
    Step again = current.retry(attempt, failure, failed.progress(failure));
    if (again != null) {
      carryOut(again);
    } else if (over.compareAndSet(false, true)) {
      fail(
          failure instanceof ReadTimeoutException && current.expired()
              ? Internals.timeout(current.timeoutMessage())
              : failure);
    }
  }

  private void carryOut(Step step) {
    if (step == Drop.INSTANCE) {
      return;
    }
    Duration pause = step.pause();
    if (pause.isZero()) {
      now(step);
    } else {
      pausing = after(pause, () -> now(step));
      if (over.get()) {
        pausing.cancel();
      }
    }
  }

  private void now(Step step) {
    if (over.get()) {
      return;
    }
    ClientExchange current = exchange;
    if (current != null && current.late(step)) {
      expire();
      return;
    }
    try {
      if (step instanceof LocalReply reply) {
        answer(reply);
      } else {
        send((Attempt) step);
      }
    } catch (RuntimeException e) {
      unwritten(e); // nobody else would tell the application
    }
  }

  /** The library's own operations, on which the application sees it, are those of a recording. */
  private void answer(LocalReply reply) {
    Recording written = recording;
    if (written != null) {
      written.answer(reply);
    } else {
      answer = reply;
      record();
    }
  }

  /**
   * Sends it once.
   *
   * @param attempt null: as without the mesh
   */
  private void send(@Nullable Attempt attempt) {
    Sending next = new Sending(this, attempt);
    if (!race.join(next)) {
      return; // a rival that is late
    }
    next.start();
    if (hedgeDelay.isPresent()) {
      next.rivalledBy(() -> hedge(next), hedgeDelay.get());
    }
    if (over.get()) {
      next.cancel(); // unless it is what was delivered
    }
  }

  /** An attempt is not answered yet. */
  private void hedge(Sending unanswered) {
    ClientExchange current = exchange;
    Attempt attempt = unanswered.attempt();
    Attempt rival =
        over.get() || current == null || attempt == null ? null : current.hedge(attempt);
    if (rival != null) {
      send(rival);
    }
  }

  /** The limit that policy sets to the whole request has run out. */
  private void expire() {
    ClientExchange current = exchange;
    if (current == null) {
      return;
    }
    expired = true;
    if (over.compareAndSet(false, true)) {
      race.end();
      fail(Internals.timeout(current.timeoutMessage()));
      return;
    }
    Delivered response = delivered;
    if (response != null) {
      interrupt(response);
    }
  }

  private void interrupt(Delivered response) {
    ClientExchange current = exchange;
    if (current != null) {
      response.interrupt(current.timeoutMessage());
    }
  }

  private void fail(Throwable failure) {
    finish(failure);
    subscribed.failed(failure);
  }

  private void finish(@Nullable Throwable failure) {
    ended(failure);
    Recording written = recording;
    if (written != null) {
      written.close();
    }
  }

  private void ended(@Nullable Throwable failure) {
    limit.cancel();
    pausing.cancel();
    ClientExchange current = exchange;
    if (current != null) {
      current.end(failure);
    }
  }

  Limit after(Duration delay, Runnable task) {
    return Limit.after(
        delay,
        () -> {
          try {
            task.run();
          } catch (RuntimeException | Error e) {
            unwritten(e); // there is no caller any more to throw it to
          }
        });
  }
}
