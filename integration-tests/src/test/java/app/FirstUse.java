package app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Future;

/** Uses sockets of every kind for the first time, on one thread. */
public final class FirstUse {
  private FirstUse() {}

  /** Prints {@code done}. */
  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    blocking(loopback);
    selectable(loopback);
    asynchronous(loopback);
    System.out.println("done");
    System.exit(0);
  }

  private static void blocking(InetAddress loopback) throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 5, loopback);
        Socket client = new Socket(loopback, listener.getLocalPort());
        Socket server = listener.accept()) {
      client.getOutputStream().write(5);
      server.getInputStream().read(); // and the handshake before it, which may take its time
      server.setSoTimeout(50);
      try {
        server.getInputStream().read();
      } catch (SocketTimeoutException nothingMore) {
        server.getInputStream().available();
      }
      server.shutdownOutput();
      client.getInputStream().read();
    }
  }

  private static void selectable(InetAddress loopback) throws IOException {
    try (ServerSocketChannel listener =
            ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        Selector selector = Selector.open();
        SocketChannel client = SocketChannel.open()) {
      client.configureBlocking(false);
      client.connect(listener.getLocalAddress());
      client.register(selector, SelectionKey.OP_CONNECT);
      while (!client.finishConnect()) {
        selector.select();
        selector.selectedKeys().clear();
      }
      try (SocketChannel server = listener.accept()) {
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_READ);
        client.write(new ByteBuffer[] {ByteBuffer.allocate(10), ByteBuffer.allocate(10)});
        selector.select();
        server.read(ByteBuffer.allocate(15));
        selector.selectNow();
        server.read(new ByteBuffer[] {ByteBuffer.allocate(3), ByteBuffer.allocate(3)});
      }
    }
  }

  private static void asynchronous(InetAddress loopback) throws Exception {
    try (AsynchronousServerSocketChannel listener =
            AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        AsynchronousSocketChannel client = AsynchronousSocketChannel.open()) {
      Future<AsynchronousSocketChannel> accepted = listener.accept();
      client.connect(listener.getLocalAddress()).get();
      try (AsynchronousSocketChannel server = accepted.get()) {
        Future<Integer> read = server.read(ByteBuffer.allocate(10));
        client.write(ByteBuffer.allocate(5)).get();
        read.get();
      }
    }
  }
}
