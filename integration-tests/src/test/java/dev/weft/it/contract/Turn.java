package dev.weft.it.contract;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;

/** One request in a script's hands. Confined to its connection's thread. */
final class Turn {
  private final Backend backend;
  private final Socket socket;
  private final Received request;
  private final int before;

  Turn(Backend backend, Socket socket, Received request, int before) {
    this.before = before;
    this.backend = backend;
    this.socket = socket;
    this.request = request;
  }

  Backend backend() {
    return backend;
  }

  Received request() {
    return request;
  }

  /** How many requests this connection has carried before. */
  int requestsBefore() {
    return before;
  }

  /**
   * A whole answer with {@code Content-Length}.
   *
   * @param headers names and values in turn
   */
  void answer(int status, String body, String... headers) throws IOException {
    StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      text.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    boolean without = request.method().equals("HEAD") || status == 204 || status == 304;
    if (status != 204 && status != 304) { // OkHttp would wait for so much
      text.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    send(text.append("\r\n").append(without ? "" : body).toString());
  }

  /** Sends these characters as ISO 8859-1. */
  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  InputStream input() throws IOException {
    return socket.getInputStream();
  }

  OutputStream output() throws IOException {
    return socket.getOutputStream();
  }

  void close() throws IOException {
    socket.close();
  }

  void reset() throws IOException {
    socket.setOption(StandardSocketOptions.SO_LINGER, 0);
    socket.close();
  }

  /** Waits until the client closes or resets the connection. */
  void awaitEnd() throws IOException {
    try {
      while (socket.getInputStream().read() >= 0) {
        // whatever it says
      }
    } finally {
      socket.close();
    }
  }
}
