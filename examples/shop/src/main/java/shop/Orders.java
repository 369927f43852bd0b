package shop;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Takes an order, and has it paid with {@link HttpURLConnection}. */
public final class Orders {
  private static final URI PAY = Env.url("PAY_URL", "http://pay");

  private Orders() {}

  /** {@code PAY_URL} and {@code PORT} come from the environment. */
  public static void main(String[] args) throws IOException {
    HttpService.serve("/", Orders::order);
  }

  private static void order(HttpExchange exchange) throws IOException {
    int status;
    String result;
    try {
      HttpURLConnection pay = (HttpURLConnection) PAY.resolve("/pay").toURL().openConnection();
      String tester = exchange.getRequestHeaders().getFirst("x-tester");
      if (tester != null) {
        pay.setRequestProperty("x-tester", tester);
      }
      status = pay.getResponseCode() == 200 ? 200 : 502;
      result =
          status == 200
              ? "\"pay\":" + body(pay.getInputStream())
              : "\"error\":" + Json.quote("pay answered " + pay.getResponseCode());
      if (status != 200 && pay.getErrorStream() != null) {
        body(pay.getErrorStream()); // read to its end, so that the connection can be used again
      }
    } catch (IOException e) {
      status = 502;
      result = "\"error\":" + Json.quote(e.toString());
    }
    HttpService.answer(exchange, status, "{\"service\":\"orders\"," + result + "}");
  }

  private static String body(InputStream stream) throws IOException {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
