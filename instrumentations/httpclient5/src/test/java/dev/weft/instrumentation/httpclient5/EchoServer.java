package dev.weft.instrumentation.httpclient5;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Says what it got, in ways that the path chooses. */
final class EchoServer implements AutoCloseable {
  private final String name;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch release = new CountDownLatch(1);
  private final Set<Integer> peers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger failing = new AtomicInteger();

  EchoServer(String name) throws IOException {
    this.name = name;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  int requests() {
    return requests.get();
  }

  int connections() {
    return peers.size();
  }

  void forget() {
    requests.set(0);
  }

  /** Lets slow answers go. */
  void release() {
    release.countDown();
  }

  /** The next requests fail where the path says so. */
  void failNext(int count) {
    failing.set(count);
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    peers.add(exchange.getRemoteAddress().getPort());
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Headers sent = exchange.getRequestHeaders();
    String path = exchange.getRequestURI().getPath();
    switch (path) {
      case "/slow" -> awaitRelease();
      case "/slow/503" -> {
        awaitRelease();
        reply(exchange, 503, name);
        return;
      }
      case "/redirect" -> {
        exchange.getResponseHeaders().set("Location", "/landed");
        reply(exchange, 302, "moved");
        return;
      }
      case "/private" -> {
        if (!sent.containsKey("Authorization")) {
          exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"r\"");
          reply(exchange, 401, "who?");
          return;
        }
      }
      case "/cookie" -> exchange.getResponseHeaders().set("Set-Cookie", "a=b; Path=/");
      case "/large" -> {
        reply(exchange, 200, "x".repeat(1 << 20));
        return;
      }
      case "/status/503" -> {
        reply(exchange, 503, "busy");
        return;
      }
      case "/flaky" -> {
        if (failing.getAndDecrement() > 0) {
          exchange.sendResponseHeaders(503, 0); // chunked
          exchange.getResponseBody().write("busy".getBytes(StandardCharsets.UTF_8));
          exchange.close();
          return;
        }
      }
      case "/endless" -> {
        if (failing.getAndDecrement() > 0) {
          endless(exchange);
          return;
        }
      }
      case "/stuck" -> {
        exchange.sendResponseHeaders(200, 100);
        exchange.getResponseBody().write('a');
        exchange.getResponseBody().flush();
        awaitRelease();
        exchange.close();
        return;
      }
      default -> {}
    }
    exchange.getResponseHeaders().set("Server-Name", name);
    reply(
        exchange,
        200,
        name
            + " "
            + exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " host="
            + sent.getFirst("Host")
            + " trace="
            + sent.getFirst("traceparent")
            + " mixed="
            + sent.getFirst("x-mixed")
            + " gone="
            + sent.getFirst("x-gone")
            + " stays="
            + sent.getFirst("x-stays")
            + " cookie="
            + sent.getFirst("Cookie")
            + " body="
            + body);
  }

  private static void reply(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }

  private static void endless(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(500, 0);
    byte[] junk = new byte[8192];
    try (OutputStream out = exchange.getResponseBody()) {
      while (true) {
        out.write(junk);
      }
    }
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
