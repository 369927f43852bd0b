package app;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ssl.SSLSocket;

/**
 * A protocol that is not HTTP: the server speaks first, its name and a line end, then sends back
 * what it gets. {@code DEAF}: listens, and its queue is full, so that nobody is answered.
 */
public final class Greeter {
  /** A client that sends this alone gets it back, and TLS from then on. */
  static final int UPGRADE = '!';

  private Greeter() {}

  /** Prints {@code listening <port>}. */
  public static void main(String[] args) throws IOException {
    boolean deaf = System.getenv("DEAF") != null;
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (ServerSocket listener = new ServerSocket(0, deaf ? 1 : 100, loopback)) {
      if (deaf) {
        fill(listener);
      }
      System.out.println("listening " + listener.getLocalPort());
      while (true) {
        if (deaf) {
          Thread.currentThread().join();
        }
        Socket socket = listener.accept();
        Thread thread = new Thread(() -> serve(socket));
        thread.setDaemon(true);
        thread.start();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void fill(ServerSocket listener) {
    for (int i = 0; i < 4; i++) {
      try {
        // They stay in the queue as long as this process lives.
        new Socket().connect(new InetSocketAddress("127.0.0.1", listener.getLocalPort()), 200);
      } catch (IOException full) {
        return;
      }
    }
  }

  private static void upgrade(Socket socket) throws IOException {
    SSLSocket secure =
        (SSLSocket) Secrets.own().getSocketFactory().createSocket(socket, null, true);
    secure.setUseClientMode(false);
    byte[] buffer = new byte[8192];
    for (int n = secure.getInputStream().read(buffer); n >= 0; ) {
      secure.getOutputStream().write(buffer, 0, n);
      n = secure.getInputStream().read(buffer);
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      socket.getOutputStream().write((System.getenv("NAME") + "\n").getBytes("US-ASCII"));
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        socket.getOutputStream().write(buffer, 0, n);
        if (n == 1 && buffer[0] == UPGRADE) {
          upgrade(socket);
          return;
        }
      }
    } catch (IOException gone) {
      // the client's business
    }
  }
}
