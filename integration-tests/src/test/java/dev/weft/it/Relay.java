package dev.weft.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** Someone on the wire: hands on whatever comes, and keeps a copy of both directions. */
final class Relay implements AutoCloseable {
  private final ServerSocket server;
  private final InetSocketAddress target;
  private final AtomicInteger connections = new AtomicInteger();
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

  private Relay(ServerSocket server, InetSocketAddress target) {
    this.server = server;
    this.target = target;
  }

  /** Listens on {@code address}, at the target's port. */
  static Relay open(String address, InetSocketAddress target) throws IOException {
    return start(new ServerSocket(target.getPort(), 50, InetAddress.getByName(address)), target);
  }

  /** Listens on this machine, at a free port. */
  static Relay open(InetSocketAddress target) throws IOException {
    return start(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
  }

  private static Relay start(ServerSocket server, InetSocketAddress target) {
    Relay relay = new Relay(server, target);
    daemon(relay::accept);
    return relay;
  }

  /** Where it listens. */
  int port() {
    return server.getLocalPort();
  }

  /** How many connections have come. */
  int connections() {
    return connections.get();
  }

  /** Everything that has passed, byte for character. */
  String seen() {
    synchronized (seen) {
      return seen.toString(StandardCharsets.ISO_8859_1);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket from = server.accept();
        connections.incrementAndGet();
        Socket to = new Socket(target.getAddress(), target.getPort());
        daemon(() -> copy(from, to));
        daemon(() -> copy(to, from));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[16 << 10];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        synchronized (seen) {
          seen.write(buffer, 0, n);
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // One end is gone, the other follows.
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "relay");
    thread.setDaemon(true);
    thread.start();
  }
}
