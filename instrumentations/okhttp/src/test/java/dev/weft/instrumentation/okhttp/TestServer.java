package dev.weft.instrumentation.okhttp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An endpoint that tells what it was asked for. */
final class TestServer implements AutoCloseable {
  private final String name;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch release = new CountDownLatch(1);

  /** The clients' ports: one per connection. */
  final Set<Integer> connections = ConcurrentHashMap.newKeySet();

  /** Methods and URIs in order. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  /**
   * Names of the last request's headers are told in the answer; the server would change their case.
   */
  TestServer(String name) throws IOException {
    this.name = name;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    connections.add(exchange.getRemoteAddress().getPort());
    String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    String path = exchange.getRequestURI().getPath();
    switch (path) {
      case "/slow", "/slow-broken" -> awaitRelease();
      case "/redirect" -> exchange.getResponseHeaders().set("Location", "/landed");
      case "/elsewhere" -> exchange.getResponseHeaders().set("Location", "http://pay/landed");
      default -> {}
    }
    if (path.equals("/redirect") || path.equals("/elsewhere")) {
      exchange.sendResponseHeaders(302, -1);
      exchange.close();
      return;
    }
    String body =
        name
            + " path="
            + exchange.getRequestURI()
            + " host="
            + exchange.getRequestHeaders().getFirst("Host")
            + " trace="
            + exchange.getRequestHeaders().getFirst("traceparent")
            + " cookie="
            + exchange.getRequestHeaders().getFirst("Cookie")
            + " body="
            + sent;
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Server-Name", name);
    exchange.getResponseHeaders().set("Set-Cookie", "from=" + name);
    if (path.equals("/cached")) {
      exchange.getResponseHeaders().set("Cache-Control", "max-age=60");
    }
    int status = path.endsWith("broken") ? 503 : path.equals("/missing") ? 404 : 200;
    if (path.equals("/trickle")) {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(bytes);
      exchange.getResponseBody().flush();
      awaitRelease();
    } else {
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  /** Lets slow answers go. */
  void release() {
    release.countDown();
  }

  private void awaitRelease() {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    release.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
