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
final class Outcome extends WeakReference<Object> {
  private static final Set<Outcome> OPEN = ConcurrentHashMap.newKeySet();
  private static final ReferenceQueue<Object> FORGOTTEN = new ReferenceQueue<>();

  private final ClientExchange exchange;
  private final Limit limit;
  private final @Nullable Raced elsewhere;

  /**
   * Nothing has come of it yet.
   *
   * @param limit of the whole request; it runs
   * @param elsewhere what the response came by, if not by the application's call
   * @param body the request ends when it is collected, so nothing that an outcome refers to may
   *     refer to it; null: there is none
   */
  Outcome(ClientExchange exchange, Limit limit, @Nullable Raced elsewhere, @Nullable Object body) {
    super(body, FORGOTTEN);
    this.exchange = exchange;
    this.limit = limit;
    this.elsewhere = elsewhere;
  }

  /** Begins to watch the body. */
  void watch() {
    for (Reference<?> gone = FORGOTTEN.poll(); gone != null; gone = FORGOTTEN.poll()) {
      ((Outcome) gone).end(null);
    }
    OPEN.add(this);
  }

  /** Ends the request; the first time counts. */
  void end(@Nullable Throwable failure) {
    limit.stop();
    if (elsewhere != null) {
      elsewhere.end();
    }
    OPEN.remove(this);
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
}
