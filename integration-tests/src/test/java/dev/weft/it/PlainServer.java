package dev.weft.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A server of 127.0.0.1 that is not in the mesh: it answers whatever comes in plaintext. */
final class PlainServer implements AutoCloseable {
  private static final byte[] ANSWER =
      "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listener;

  private PlainServer(ServerSocket listener) {
    this.listener = listener;
  }

  static PlainServer open() throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    PlainServer server = new PlainServer(new ServerSocket(0, 50, loopback));
    Thread thread = new Thread(server::serve, "plain-server");
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  int port() {
    return listener.getLocalPort();
  }

  private void serve() {
    while (!listener.isClosed()) {
      try (Socket client = listener.accept()) {
        byte[] some = new byte[8192]; // more than a ClientHello, or the close would be a reset
        if (client.getInputStream().read(some) > 0) {
          client.getOutputStream().write(ANSWER);
        }
      } catch (IOException closed) {
        // the next one, or the end
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
