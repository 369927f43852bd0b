package dev.weft.instrumentation.httpclient5;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Remembers the bytes of one request's head. */
final class RawServer implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final CompletableFuture<String> head = CompletableFuture.supplyAsync(this::serve);

  RawServer() throws IOException {}

  int port() {
    return server.getLocalPort();
  }

  String head() throws ExecutionException, InterruptedException {
    return head.get();
  }

  private String serve() {
    StringBuilder seen = new StringBuilder();
    try (Socket socket = server.accept()) {
      while (seen.indexOf("\r\n\r\n") < 0) {
        seen.append((char) socket.getInputStream().read());
      }
      socket
          .getOutputStream()
          .write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      return e.toString();
    }
    return seen.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
