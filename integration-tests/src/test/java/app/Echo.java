package app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The JDK's HTTP server. Answers with the request's own body, {@code NAME} where there is none;
 * {@code THREADS=virtual} serves each request on a virtual thread, {@code DELAY_MILLIS} makes each
 * answer take its time. {@code /healthz} is well as long as the file {@code HEALTH} exists.
 */
public final class Echo {
  private static final String NAME = System.getenv().getOrDefault("NAME", "hello");

  private static final int DELAY_MILLIS =
      Integer.parseInt(System.getenv().getOrDefault("DELAY_MILLIS", "0"));

  private Echo() {}

  /** Prints {@code listening <port>}. */
  public static void main(String[] args) throws ReflectiveOperationException, IOException {
    System.setProperty("sun.net.httpserver.nodelay", "true");
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "0"));
    InetAddress loopback = InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
    HttpServer server = HttpServer.create(new InetSocketAddress(loopback, port), 128);
    server.setExecutor(executor());
    server.createContext("/", Echo::echo);
    server.createContext("/healthz", Echo::health);
    server.start();
    System.out.println("listening " + server.getAddress().getPort());
  }

  private static Executor executor() throws ReflectiveOperationException {
    if ("virtual".equals(System.getenv("THREADS"))) {
      // Compiled for 17, where there are none.
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }
    return Executors.newFixedThreadPool(16);
  }

  private static void health(HttpExchange exchange) throws IOException {
    boolean well = new File(System.getenv().getOrDefault("HEALTH", "/")).exists();
    exchange.sendResponseHeaders(well ? 204 : 503, -1);
    exchange.close();
  }

  private static void echo(HttpExchange exchange) throws IOException {
    // All of it first: a client that writes before it reads would wait for us, and we for it.
    byte[] body = exchange.getRequestBody().readAllBytes();
    byte[] answer = body.length > 0 ? body : NAME.getBytes(StandardCharsets.US_ASCII);
    try {
      Thread.sleep(DELAY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exchange.sendResponseHeaders(200, answer.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(answer);
    }
  }
}
