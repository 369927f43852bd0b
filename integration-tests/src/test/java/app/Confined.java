package app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;

/**
 * A program that may use sockets and nothing else: it runs under a security manager whose policy
 * knows nothing of an agent. Prints {@code <what> ok}.
 */
public final class Confined {
  private Confined() {}

  /** Echoes a byte over a socket and over a channel with a selector. */
  public static void main(String[] args) throws IOException {
    System.out.println("confined " + (denied() ? "ok" : "not at all"));
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (ServerSocket listener = new ServerSocket(0, 10, loopback);
        Socket client = new Socket(loopback, listener.getLocalPort());
        Socket server = listener.accept()) {
      client.getOutputStream().write(7);
      System.out.println("socket " + (server.getInputStream().read() == 7 ? "ok" : "differs"));
    }
    try (Selector selector = Selector.open();
        ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel server = listener.accept()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_READ);
      // On a thread that has nothing but the permissions of this class.
      CompletableFuture.runAsync(() -> write(client)).join();
      selector.select();
      ByteBuffer target = ByteBuffer.allocate(1);
      server.read(target);
      System.out.println("channel " + (target.get(0) == 7 ? "ok" : "differs"));
    }
    System.out.println("done");
  }

  private static void write(SocketChannel channel) {
    try {
      channel.write(ByteBuffer.wrap(new byte[] {7}));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean denied() {
    try {
      return System.getProperty("user.home") == null;
    } catch (SecurityException e) {
      return true;
    }
  }
}
