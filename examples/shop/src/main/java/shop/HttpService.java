package shop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The JDK's HTTP server with a real thread pool. */
final class HttpService {
  private static final int THREADS = 32;

  private HttpService() {}

  /** Serves until the process ends. */
  static void serve(String path, HttpHandler handler) throws IOException {
    // Without it the server sends head and body in two segments, and Nagle's algorithm makes the
    // second one wait for a delayed acknowledgement: 40 ms for each response.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    HttpServer server = HttpServer.create(Env.bind(), 128);
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    server.setExecutor(pool);
    server.createContext(path, handler);
    server.start();
    Env.listening(server.getAddress().getPort());
  }

  static void answer(HttpExchange exchange, int status, String json) throws IOException {
    exchange.getRequestBody().readAllBytes();
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
