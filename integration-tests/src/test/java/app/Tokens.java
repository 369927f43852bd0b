package app;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Calls itself with one bearer token after the other, and says what came of each. */
public final class Tokens {
  private Tokens() {}

  /** The tokens; {@code none}: a call without. */
  public static void main(String[] args) throws IOException {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    HttpServer server = HttpServer.create(new InetSocketAddress(loopback, 0), 5);
    server.createContext(
        "/",
        exchange -> {
          String user = exchange.getRequestHeaders().getFirst("x-user");
          byte[] answer = String.valueOf(user).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    for (String token : args) {
      HttpURLConnection call = (HttpURLConnection) uri.toURL().openConnection();
      if (!token.equals("none")) {
        call.setRequestProperty("Authorization", "Bearer " + token);
      }
      int status = call.getResponseCode();
      System.out.println(status == 200 ? status + " " + text(call) : Integer.toString(status));
    }
    System.out.println("done");
    server.stop(0);
  }

  private static String text(HttpURLConnection call) throws IOException {
    return new String(call.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
