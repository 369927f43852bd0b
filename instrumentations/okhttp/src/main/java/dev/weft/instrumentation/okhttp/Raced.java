package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.BlockingRace;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/**
 * A call of the application that may have {@linkplain RivalCall others} beside it: to cancel it is
 * to cancel them, and its timeout holds for a response that came by one of them. Thread-safe.
 */
final class Raced {
  /** By the application's call. The library's class has no room for it. */
  private static final Map<Object, Raced> CALLS = new ConcurrentHashMap<>();

  private final Call call;
  private final BlockingRace<Answer, RuntimeException> race;
  private final long begun = System.nanoTime();
  private final Limit limit = new Limit();
  private volatile @Nullable Call rival;

  private Raced(Call call, BlockingRace<Answer, RuntimeException> race) {
    this.call = call;
    this.race = race;
  }

  /** A race that begins; it must be {@link #end}ed. */
  static Raced begin(Call call, BlockingRace<Answer, RuntimeException> race) {
    Raced raced = new Raced(call, race);
    CALLS.put(call, raced);
    return raced;
  }

  /** A call was cancelled. */
  static void cancelled(Object call) {
    Raced raced = CALLS.get(call);
    if (raced != null) {
      raced.cancel();
    }
  }

  private void cancel() {
    race.fail(new IOException("Canceled"));
    Call answering = rival;
    if (answering != null) {
      answering.cancel();
    }
  }

  /** The application reads a response of another call, whose exchange is the attempt's. */
  void answered(Call by, Sending attempt) {
    rival = by;
    if (call.isCanceled()) {
      by.cancel();
    }
    long timeout = call.timeout().timeoutNanos();
    if (timeout != 0) {
      attempt.guardedBy(limit);
      limit.start(timeout - (System.nanoTime() - begun));
    }
  }

  /** What the library shows of a failure of the response's body. */
  IOException surfaced(IOException failure) {
    if (!limit.over()) {
      return failure;
    }
    InterruptedIOException timeout = new InterruptedIOException("timeout");
    timeout.initCause(failure);
    return timeout;
  }

  /** The request is over; idempotent. */
  void end() {
    limit.stop();
    CALLS.remove(call, this);
  }
}
