package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Handshakes;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.RequestChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http2.H2Error;
import org.apache.hc.core5.http2.H2StreamResetException;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on the wire, as the library's I/O thread drives it. Whatever comes first counts: the
 * response's headers, a failure, a limit, of which it hears by {@link #run}. Thread-safe.
 */
final class Sending implements AsyncClientExchangeHandler, Runnable {
  private static final int SHORT_BODY = 64 * 1024;

  /**
   * How long the end of a response waits for the I/O thread, which comes when something arrives.
   */
  private static final Duration GRACE = Duration.ofMillis(50);

  /** How far an attempt has come. */
  private enum Stage {
    OPEN,
    /** The response is the application's. */
    DELIVERED,
    /** The response is read only so that its connection can be used again. */
    DROPPING,
    /** Nothing that still comes counts. */
    OVER
  }

  // Updaters, not atomics: one of these is made for every attempt.
  private static final AtomicReferenceFieldUpdater<Sending, Stage> STAGE =
      AtomicReferenceFieldUpdater.newUpdater(Sending.class, Stage.class, "stage");
  private static final AtomicReferenceFieldUpdater<Sending, @Nullable Runnable> ENDING =
      AtomicReferenceFieldUpdater.newUpdater(Sending.class, Runnable.class, "ending");

  private final AsyncCall call;
  private final @Nullable Attempt attempt;
  private final AsyncClientExchangeHandler handler;
  private final AsyncBody.Source body;
  private final AsyncConnections connections;
  private volatile Stage stage = Stage.OPEN;
  private volatile @Nullable Runnable ending;
  private volatile Limit limit = Limit.none();
  private volatile Limit rival = Limit.none();
  private volatile @Nullable HttpHost dialled;
  private volatile boolean onTheWire;
  private volatile boolean written;
  private volatile @Nullable Step next;
  private volatile @Nullable HttpRequest request;
  private volatile @Nullable HttpResponse dropped;
  private int droppedLength;

  Sending(
      AsyncCall call,
      @Nullable Attempt attempt,
      AsyncClientExchangeHandler handler,
      AsyncBody.Source body,
      AsyncConnections connections) {
    this.call = call;
    this.attempt = attempt;
    this.handler = handler;
    this.body = body;
    this.connections = connections;
  }

  AsyncConnections connections() {
    return connections;
  }

  /** Null: as without a mesh. */
  @Nullable Attempt attempt() {
    return attempt;
  }

  /** Sets the limit of this attempt. */
  void limited(Limit newLimit) {
    limit = newLimit;
    if (stage != Stage.OPEN) {
      newLimit.cancel();
    }
  }

  /** Sets what happens if it is not answered in time. */
  void rivalled(Limit newRival) {
    rival = newRival;
    if (stage != Stage.OPEN) {
      newRival.cancel();
    }
  }

  /** It needs a new connection. */
  void dials(HttpHost target) {
    dialled = target;
  }

  /** The library has it. */
  void executing() {
    onTheWire = true;
  }

  boolean onTheWire() {
    return onTheWire;
  }

  /** What the library has not begun to write was not sent, whatever became of the connection. */
  Progress progress(Exception cause) {
    if (!written) {
      return Progress.UNSENT;
    }
    if (call.body().spent()) {
      return Progress.SENT;
    }
    if (dialled != null && Handshakes.failed(cause)) {
      return Progress.UNSENT;
    }
    boolean refused =
        AsyncMembers.notExecuted(cause)
            || (cause instanceof H2StreamResetException reset
                && reset.getCode() == H2Error.REFUSED_STREAM.getCode());
    return refused ? Progress.REFUSED : Progress.SENT;
  }

  boolean open() {
    return stage == Stage.OPEN;
  }

  boolean delivered() {
    return stage == Stage.DELIVERED;
  }

  /** Ends an attempt that nothing has come of; false: something has. */
  boolean giveUp() {
    return leave(Stage.OPEN, Stage.OVER);
  }

  /** The limit of this attempt has run out. */
  @Override
  public void run() {
    call.late(this, Failures.attemptTimeout());
  }

  private boolean leave(Stage from, Stage to) {
    boolean left = STAGE.compareAndSet(this, from, to);
    if (left) {
      limit.cancel();
      rival.cancel();
    }
    return left;
  }

  @Override
  public void produceRequest(RequestChannel channel, HttpContext context)
      throws HttpException, IOException {
    if (stage != Stage.OPEN) {
      throw new IOException("given up before it was sent");
    }
    written = true;
    HttpRequest wire = call.wireRequest(this);
    request = wire;
    channel.sendRequest(wire, call.body().details(), context);
    call.written(this);
  }

  @Override
  public int available() {
    return body.available();
  }

  @Override
  public void produce(DataStreamChannel channel) throws IOException {
    body.produce(channel);
  }

  @Override
  public void consumeInformation(HttpResponse response, HttpContext context)
      throws HttpException, IOException {
    if (stage == Stage.OPEN) {
      handler.consumeInformation(response, call.context());
    }
  }

  @Override
  public void consumeResponse(
      HttpResponse response, @Nullable EntityDetails entity, HttpContext context)
      throws HttpException, IOException {
    if (!leave(Stage.OPEN, Stage.DELIVERED)) {
      return;
    }
    Verdict verdict = call.responded(attempt, response);
    if (verdict instanceof Step again) {
      next = again;
      dropped = response;
      stage = Stage.DROPPING;
      if (entity == null) {
        dropped(true);
      }
      return;
    }
    call.won(this);
    if (attempt != null) {
      MeshRetryStrategy.judged(call.context(), response.getCode());
    }
    HeaderEdits.apply(response, ((Deliver) verdict).responseHeaders());
    if (entity == null) {
      call.completed();
    }
    handler.consumeResponse(response, entity, call.context());
  }

  @Override
  public void updateCapacity(CapacityChannel channel) throws IOException {
    if (stage == Stage.DELIVERED) {
      handler.updateCapacity(channel);
    } else {
      channel.update(Integer.MAX_VALUE);
    }
  }

  @Override
  public void consume(ByteBuffer from) throws IOException {
    breakOffNow();
    if (stage == Stage.DELIVERED) {
      handler.consume(from);
      return;
    }
    droppedLength += from.remaining();
    from.position(from.limit());
    if (droppedLength > SHORT_BODY) {
      dropped(false);
    }
  }

  @Override
  public void streamEnd(@Nullable List<? extends Header> trailers)
      throws HttpException, IOException {
    if (stage == Stage.DELIVERED) {
      ending = null;
      call.completed();
      handler.streamEnd(trailers);
    } else {
      dropped(true);
    }
  }

  /** The response that nobody sees is through, or breaks off. */
  private void dropped(boolean whole) {
    Step again = next;
    HttpRequest sent = request;
    HttpResponse response = dropped;
    if (again == null || response == null || !leave(Stage.DROPPING, Stage.OVER)) {
      return;
    }
    call.dropped(this, sent, response, whole && body.ended(), again);
  }

  @Override
  public void failed(Exception cause) {
    if (stage == Stage.DROPPING) {
      dropped(false);
    } else if (leave(Stage.DELIVERED, Stage.OVER)) {
      call.broken(cause);
    } else if (giveUp()) {
      HttpHost target = dialled;
      call.failed(this, target == null || onTheWire ? cause : Failures.dial(target, cause));
    }
  }

  /** There was no connection to be had. */
  void unleased(Exception cause) {
    if (giveUp()) {
      call.unleased(this, cause);
    }
  }

  /**
   * Ends a delivered response by an action that closes its connection. Older versions of the
   * library shut their whole reactor down when another thread closes a connection on which
   * something has just arrived; there, the I/O thread does it.
   */
  void breakOff(Runnable action) {
    if (AsyncMembers.closesOnAnyThread()) {
      action.run();
      return;
    }
    ending = action;
    Limit.after(GRACE, this::breakOffNow);
  }

  private void breakOffNow() {
    if (ending == null) {
      return; // as for each part of almost every response
    }
    Runnable action = ENDING.getAndSet(this, null);
    if (action != null) {
      action.run();
    }
  }

  @Override
  public void cancel() {
    if (delivered()) {
      breakOff(this::cancelNow);
    } else {
      cancelNow();
    }
  }

  private void cancelNow() {
    Stage before = STAGE.getAndSet(this, Stage.OVER);
    limit.cancel();
    rival.cancel();
    if (before != Stage.OVER) {
      call.cancelled();
    }
  }

  /** What the library's handler holds, it lets go of after the last attempt. */
  @Override
  public void releaseResources() {
    if (stage == Stage.DELIVERED) {
      handler.releaseResources();
    }
  }
}
