package dev.weft.instrumentation.jdkhttpserver;

import com.sun.net.httpserver.HttpExchange;
import dev.weft.instrumentation.ServerExchange;
import org.jspecify.annotations.Nullable;

/** A request while the application's code runs on the server's thread. Confined to it. */
final class Handling {
  private final HttpExchange exchange;
  private final ServerExchange begun;
  private final ServerExchange.Scope scope;

  Handling(HttpExchange exchange, ServerExchange begun) {
    this.exchange = exchange;
    this.begun = begun;
    this.scope = begun.attach();
  }

  /** The application's code returned; it may still answer later, from another thread. */
  void returned(@Nullable Throwable thrown) {
    scope.close();
    int status = exchange.getResponseCode();
    if (status != -1 || thrown != null) {
      begun.end(Math.max(status, 0), thrown);
      return;
    }
    Object late = JdkServer.exchange(exchange);
    LateResponses.expect(late, begun);
    if (exchange.getResponseCode() != -1) { // it came in between
      LateResponses.answered(late, exchange.getResponseCode());
    }
  }
}
