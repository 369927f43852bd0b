package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.ClientExchange;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a request whose response the application has. An application may forget a body
 * without a word; such a request is ended when a later one finds that its body was collected.
 * Thread-safe.
 */
final class Outcome {
  private static final Set<Watch> OPEN = ConcurrentHashMap.newKeySet();
  private static final ReferenceQueue<Object> FORGOTTEN = new ReferenceQueue<>();

  private final ClientExchange exchange;
  private final Limit limit;
  private final @Nullable Raced elsewhere;
  private volatile @Nullable Watch watch;

  /**
   * Nothing has come of it yet.
   *
   * @param limit of the whole request; it runs
   * @param elsewhere what the response came by, if not by the application's call
   */
  Outcome(ClientExchange exchange, Limit limit, @Nullable Raced elsewhere) {
    this.exchange = exchange;
    this.limit = limit;
    this.elsewhere = elsewhere;
  }

  /** Ends the request when the body is collected. The outcome itself must not refer to the body. */
  void watch(Object body) {
    for (Reference<?> gone = FORGOTTEN.poll(); gone != null; gone = FORGOTTEN.poll()) {
      ((Watch) gone).outcome.end(null);
    }
    Watch ours = new Watch(body, this);
    watch = ours;
    OPEN.add(ours);
  }

  /** Ends the request; the first time counts. */
  void end(@Nullable Throwable failure) {
    limit.stop();
    if (elsewhere != null) {
      elsewhere.end();
    }
    Watch ours = watch;
    if (ours != null) {
      OPEN.remove(ours);
    }
    exchange.end(failure);
  }

  /** Ends the request and names what the application gets. */
  IOException failed(IOException failure) {
    IOException surfaced =
        limit.over()
            ? Attempts.timeout(exchange, failure)
            : elsewhere == null ? failure : elsewhere.surfaced(failure);
    end(surfaced);
    return surfaced;
  }

  private static final class Watch extends WeakReference<Object> {
    private final Outcome outcome;

    Watch(Object body, Outcome outcome) {
      super(body, FORGOTTEN);
      this.outcome = outcome;
    }
  }
}
