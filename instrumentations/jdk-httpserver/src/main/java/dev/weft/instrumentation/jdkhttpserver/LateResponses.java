package dev.weft.instrumentation.jdkhttpserver;

import dev.weft.instrumentation.ServerExchange;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Requests whose handler returned without an answer, by the server's {@code ExchangeImpl} (which
 * compares by identity). Usually empty: a handler answers before it returns. Thread-safe.
 */
final class LateResponses {
  private static final Map<Object, ServerExchange> EXPECTED =
      Collections.synchronizedMap(new WeakHashMap<>());

  private LateResponses() {}

  static void expect(Object exchange, ServerExchange begun) {
    EXPECTED.put(exchange, begun);
  }

  /** The first outcome counts. */
  static void answered(Object exchange, int status) {
    @Nullable ServerExchange begun = EXPECTED.remove(exchange);
    if (begun != null) {
      begun.end(status, null);
    }
  }
}
