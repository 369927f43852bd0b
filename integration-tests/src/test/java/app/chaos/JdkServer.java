package app.chaos;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Function;

/** {@code com.sun.net.httpserver}. */
final class JdkServer implements Server {
  @Override
  public int start(int port, int idleSeconds, Function<Received, Reply> application)
      throws IOException {
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.idleInterval", Integer.toString(idleSeconds));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 128);
    ThreadPoolExecutor threads = (ThreadPoolExecutor) Executors.newFixedThreadPool(THREADS);
    threads.prestartAllCoreThreads();
    server.setExecutor(threads);
    server.createContext("/", exchange -> serve(exchange, application));
    server.start();
    return server.getAddress().getPort();
  }

  private static void serve(HttpExchange exchange, Function<Received, Reply> application)
      throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Reply reply =
        application.apply(
            new Received(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                exchange.getRequestHeaders()::getFirst,
                body));
    if (reply.fate() == Reply.Fate.NEVER_SENT) {
      throw new IOException("ends the connection");
    }
    byte[] answer = reply.bytes();
    exchange.sendResponseHeaders(reply.status(), answer.length);
    if (reply.fate() == Reply.Fate.CUT) {
      exchange.getResponseBody().write(answer, 0, answer.length / 2);
      exchange.getResponseBody().flush();
      throw new IOException("ends the connection");
    }
    exchange.getResponseBody().write(answer);
    exchange.close();
  }
}
