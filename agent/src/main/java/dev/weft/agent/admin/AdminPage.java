package dev.weft.agent.admin;

import dev.weft.agent.log.Log;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Answers {@code GET /status}, {@code /snapshot} and {@code /connections} with JSON, one request
 * after the other, on a thread of its own. Deliberately tiny: the JDK's own HTTP server would be
 * woven like the application's, and starts {@code java.util.logging}.
 */
public final class AdminPage implements AutoCloseable {
  private static final int MAX_REQUEST = 8192;
  private static final int TIME_LIMIT_MILLIS = 2000;

  private final ServerSocket socket;
  private final Map<String, Supplier<String>> pages;
  private final Log log;

  private AdminPage(ServerSocket socket, Map<String, Supplier<String>> pages, Log log) {
    this.socket = socket;
    this.pages = pages;
    this.log = log;
  }

  /**
   * Starts listening.
   *
   * @param hostAndPort as in {@code weft.admin}; port 0 chooses one
   * @param pages JSON text by path; called on the page's thread
   * @param group the group of our thread, by which the wire layer leaves the connection alone
   * @throws IOException when the address cannot be bound
   */
  public static AdminPage start(
      String hostAndPort, Map<String, Supplier<String>> pages, ThreadGroup group, Log log)
      throws IOException {
    int colon = hostAndPort.lastIndexOf(':');
    String host = hostAndPort.substring(0, colon).replaceAll("[\\[\\]]", "");
    int port = Integer.parseInt(hostAndPort.substring(colon + 1));
    if (!InetAddress.getByName(host).isLoopbackAddress()) {
      // Whoever can read the page learns the whole policy; it asks nobody for a name.
      throw new IOException("weft.admin must be a loopback address, found " + hostAndPort);
    }
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port), 16);
    } catch (IOException e) {
      socket.close();
      throw new IOException(
          "weft.admin cannot listen on " + hostAndPort + ": " + e.getMessage(), e);
    }
    AdminPage page = new AdminPage(socket, Map.copyOf(pages), log);
    Thread thread = new Thread(group, page::serve, "weft-admin", 0, false);
    thread.setDaemon(true);
    thread.start();
    return page;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        client.setSoTimeout(TIME_LIMIT_MILLIS);
        answer(client);
      } catch (IOException | RuntimeException e) {
        if (!socket.isClosed()) {
          log.debug("admin page: " + e);
        }
      }
    }
  }

  private void answer(Socket client) throws IOException {
    String[] request = requestLine(client.getInputStream()).split(" ", -1);
    String path = request.length < 2 ? "" : request[1].replaceAll("\\?.*", "");
    Supplier<String> page = pages.get(path);
    if (request.length < 3) {
      respond(client, "400 Bad Request", "{\"error\":\"expected an HTTP request\"}");
    } else if (!request[0].equals("GET")) {
      respond(client, "405 Method Not Allowed", "{\"error\":\"this page only answers GET\"}");
    } else if (page == null) {
      respond(client, "404 Not Found", "{\"error\":\"no such page\"}");
    } else {
      respond(client, "200 OK", page.get());
    }
  }

  /** Reads the whole head, because closing with unread bytes would reset the connection. */
  private static String requestLine(InputStream in) throws IOException {
    long end = System.nanoTime() + TIME_LIMIT_MILLIS * 1_000_000L;
    StringBuilder head = new StringBuilder();
    int emptyLine = 0;
    while (emptyLine < 4 && head.length() < MAX_REQUEST) {
      int c = in.read();
      if (c < 0 || System.nanoTime() > end) {
        break;
      }
      emptyLine = c == "\r\n\r\n".charAt(emptyLine) ? emptyLine + 1 : 0;
      head.append((char) c);
    }
    int line = head.indexOf("\r\n");
    return line < 0 ? "" : head.substring(0, line);
  }

  private static void respond(Socket client, String status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length
            + "\r\nConnection: close\r\n\r\n";
    client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    client.getOutputStream().write(body);
    client.getOutputStream().flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
