package dev.weft.instrumentation.okhttp;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that answers the requests of each connection with fixed bytes, then closes it. */
final class RawServer implements AutoCloseable {
  private static final Pattern KEY = Pattern.compile("Sec-WebSocket-Key: (.*)\r\n");

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final StringBuffer received = new StringBuffer();
  private final AtomicInteger accepted = new AtomicInteger();

  private RawServer(int requests, BiFunction<Integer, String, String> answer) throws IOException {
    Thread thread = new Thread(() -> serve(requests, answer));
    thread.setDaemon(true);
    thread.start();
  }

  /** Answers one request after the other of a connection; "" closes it without an answer. */
  static RawServer answering(String... answers) throws IOException {
    return new RawServer(answers.length, (index, head) -> answers[index]);
  }

  /** Accepts web sockets, and never says anything on them. */
  static RawServer webSocket() throws IOException {
    UnaryOperator<String> accept =
        head -> {
          Matcher key = KEY.matcher(head);
          if (!key.find()) {
            throw new IllegalStateException("no key in " + head);
          }
          return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Accept: "
              + accepting(key.group(1))
              + "\r\n\r\n";
        };
    return new RawServer(2, (index, head) -> accept.apply(head));
  }

  /** RFC 6455, section 4.2.2. */
  private static String accepting(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                      .getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  int port() {
    return server.getLocalPort();
  }

  /** All request heads so far. */
  String received() {
    return received.toString();
  }

  /** Connections so far. */
  int accepted() {
    return accepted.get();
  }

  private void serve(int requests, BiFunction<Integer, String, String> answer) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        accepted.incrementAndGet();
        for (int i = 0; i < requests; i++) {
          String head = head(socket.getInputStream());
          received.append(head);
          String bytes = answer.apply(i, head);
          if (bytes.isEmpty()) {
            break;
          }
          socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException e) {
        // the client went, or the test closed the server
      }
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
