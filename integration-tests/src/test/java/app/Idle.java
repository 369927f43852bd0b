package app;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds {@code CONNECTIONS} connections of the mesh to itself that nobody uses, a third of them
 * half-closed, with a selector on all. Prints {@code idle <percent>}: what the process used of one
 * processor meanwhile.
 */
public final class Idle {
  private static final int CONNECTIONS =
      Integer.parseInt(System.getenv().getOrDefault("CONNECTIONS", "200"));
  private static final int WINDOW_MILLIS = 3_000;

  private Idle() {}

  /** Plays it. */
  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    List<SocketChannel> clients = new ArrayList<>();
    try (ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0), CONNECTIONS);
        Selector selector = Selector.open()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel client = SocketChannel.open(listener.getLocalAddress());
        SocketChannel server = listener.accept();
        client.write(ByteBuffer.allocate(1));
        server.read(ByteBuffer.allocate(1));
        if (i % 3 == 0) {
          server.shutdownOutput();
        }
        client.configureBlocking(false);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_READ);
        if (i % 3 != 0) {
          client.register(selector, SelectionKey.OP_READ);
        }
        clients.add(client);
      }
      settle(selector);
      long before = cpuNanos();
      long begin = System.nanoTime();
      long woken = 0;
      for (long left = WINDOW_MILLIS; left > 0; left = left(begin)) {
        if (selector.select(left) > 0 || left(begin) > 0) {
          woken++;
          selector.selectedKeys().clear();
        }
      }
      double percent = 100.0 * (cpuNanos() - before) / (System.nanoTime() - begin);
      System.out.println("seen " + woken + " wake-ups");
      System.out.printf("idle %.2f%n", percent);
    }
    System.out.println("done");
    System.exit(0);
  }

  private static long left(long begin) {
    return WINDOW_MILLIS - (System.nanoTime() - begin) / 1_000_000L;
  }

  /** Until the virtual machine has compiled what it wants to and nothing moves any more. */
  private static void settle(Selector selector) throws IOException {
    for (int i = 0; i < 40; i++) {
      long before = cpuNanos();
      selector.select(250);
      selector.selectedKeys().clear();
      if (cpuNanos() - before < 10_000_000L) {
        return;
      }
    }
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
