package shop;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** Takes the money, and says which version of it did. */
public final class Pay {
  private static final String VERSION = Env.text("PAY_VERSION", "v1");
  private static final String INSTANCE = Env.text("PAY_INSTANCE", "pay");

  private Pay() {}

  /** {@code PAY_VERSION}, {@code PAY_INSTANCE} and {@code PORT} come from the environment. */
  public static void main(String[] args) throws IOException {
    HttpService.serve("/", Pay::pay);
  }

  private static void pay(HttpExchange exchange) throws IOException {
    HttpService.answer(
        exchange,
        200,
        "{\"service\":\"pay\",\"version\":"
            + Json.quote(VERSION)
            + ",\"instance\":"
            + Json.quote(INSTANCE)
            + ",\"tester\":"
            + Json.quote(exchange.getRequestHeaders().getFirst("x-tester"))
            + ",\"canary\":"
            + Json.quote(exchange.getRequestHeaders().getFirst("x-canary"))
            + "}");
  }
}
