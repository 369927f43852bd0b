package dev.weft.instrumentation.reactornetty;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Endpoints of the tests: each answers with its name and with what it was asked. */
final class Servers implements AutoCloseable {
  /** Larger than what an adapter may read of a response that it drops. */
  static final int LONG_BODY = 8 * 1024 * 1024;

  /** Lets slow answers go. */
  final CountDownLatch release = new CountDownLatch(1);

  private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();
  private final ExecutorService executor = Executors.newCachedThreadPool();

  /** Requests that have come to {@code /slow}. */
  final AtomicInteger slow = new AtomicInteger();

  /** Client ports of the connections, by server. */
  final Set<String> connections = ConcurrentHashMap.newKeySet();

  /** Starts one and returns its port. */
  int start(String name) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.createContext("/", exchange -> answer(name, exchange));
    server.start();
    opened.add(() -> server.stop(0));
    return server.getAddress().getPort();
  }

  private void answer(String name, HttpExchange exchange) throws IOException {
    connections.add(name + " " + exchange.getRemoteAddress().getPort());
    String path = exchange.getRequestURI().getPath();
    byte[] sent = exchange.getRequestBody().readAllBytes();
    switch (path) {
      case "/slow" -> {
        slow.incrementAndGet();
        await();
      }
      case "/slow-body" -> {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write('x');
        exchange.getResponseBody().flush();
        await();
        exchange.close();
        return;
      }
      case "/redirect" -> {
        redirect(exchange, "/landed");
        return;
      }
      case "/elsewhere" -> {
        redirect(exchange, exchange.getRequestURI().getQuery());
        return;
      }
      default -> {}
    }
    boolean unwell = path.startsWith("/503-at-" + name);
    byte[] body =
        path.endsWith("-long") && unwell
            ? new byte[LONG_BODY]
            : text(name, exchange, sent).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Server-Name", name);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(unwell ? 503 : 200, head ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      if (!head) {
        out.write(body);
      }
    }
    exchange.close();
  }

  private static void redirect(HttpExchange exchange, String location) throws IOException {
    exchange.getResponseHeaders().set("Location", location);
    exchange.sendResponseHeaders(302, -1);
    exchange.close();
  }

  private static String text(String name, HttpExchange exchange, byte[] sent) {
    return name
        + " "
        + exchange.getRequestMethod()
        + " "
        + exchange.getRequestURI()
        + " host="
        + exchange.getRequestHeaders().getFirst("Host")
        + " trace="
        + exchange.getRequestHeaders().getFirst("traceparent")
        + " tester="
        + exchange.getRequestHeaders().getFirst("x-tester")
        + " cookie="
        + exchange.getRequestHeaders().getFirst("Cookie")
        + " body="
        + new String(sent, StandardCharsets.UTF_8);
  }

  /** A port at which nobody listens. */
  static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Accepts, reads a little, and closes without an answer. */
  int dying() throws IOException {
    return raw(
        socket -> {
          socket.getInputStream().read();
        });
  }

  /** Says nothing; completes the future when the connection of its first request has ended. */
  int silent(CompletableFuture<Void> ended) throws IOException {
    return raw(
        socket -> {
          try {
            socket.getInputStream().read();
            slow.incrementAndGet();
            while (socket.getInputStream().read() >= 0) {
              // whatever it says
            }
          } finally {
            ended.complete(null);
          }
        });
  }

  /** Keeps the bytes of the request's head, and answers 204. */
  int keeping(StringBuffer head) throws IOException {
    return raw(
        socket -> {
          int end = 0;
          while (end < 4) {
            int next = socket.getInputStream().read();
            if (next < 0) {
              return;
            }
            head.append((char) next);
            end = next == "\r\n\r\n".charAt(end) ? end + 1 : next == '\r' ? 1 : 0;
          }
          socket
              .getOutputStream()
              .write(
                  "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
          while (socket.getInputStream().read() >= 0) {
            // a body that is left unread would reset the connection
          }
        });
  }

  /** Answers one request per connection, and closes it a moment later, as if for idleness. */
  int forgetful() throws IOException {
    return raw(
        socket -> {
          byte[] buffer = new byte[8192];
          if (socket.getInputStream().read(buffer) > 0) {
            socket
                .getOutputStream()
                .write(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                        .getBytes(StandardCharsets.US_ASCII));
          }
        });
  }

  private int raw(Conversation conversation) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    opened.add(server);
    executor.execute(
        () -> {
          while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
              conversation.hold(socket);
            } catch (IOException e) {
              // the test has closed one of the two
            }
          }
        });
    return server.getLocalPort();
  }

  private interface Conversation {
    void hold(Socket socket) throws IOException;
  }

  private void await() {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws Exception {
    release.countDown();
    for (AutoCloseable each : opened) {
      each.close();
    }
    executor.shutdownNow();
  }
}
