package dev.weft.it;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A SOCKS 5 and HTTP proxy outside the mesh that notes where it shall connect to, and does not. */
final class RefusingProxy implements AutoCloseable {
  private static final int SOCKS_5 = 5;
  private static final int DOMAIN_NAME = 3;

  private final ServerSocket listener;
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private RefusingProxy(ServerSocket listener) {
    this.listener = listener;
  }

  static RefusingProxy open() throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    RefusingProxy proxy = new RefusingProxy(new ServerSocket(0, 50, loopback));
    Thread thread = new Thread(proxy::serve, "refusing-proxy");
    thread.setDaemon(true);
    thread.start();
    return proxy;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** {@code socks name:port} and {@code CONNECT name:port}. */
  List<String> asked() {
    return asked;
  }

  private void serve() {
    while (!listener.isClosed()) {
      try (Socket client = listener.accept()) {
        DataInputStream in = new DataInputStream(client.getInputStream());
        int first = in.read();
        if (first == SOCKS_5) {
          socks(in, client);
        } else if (first > 0) {
          connect(first, in, client);
        }
      } catch (IOException gone) {
        // the next one, or the end
      }
    }
  }

  private void socks(DataInputStream in, Socket client) throws IOException {
    in.readNBytes(in.readUnsignedByte());
    client.getOutputStream().write(new byte[] {SOCKS_5, 0});
    in.readNBytes(3);
    int type = in.readUnsignedByte();
    String where =
        type == DOMAIN_NAME
            ? new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII)
            : "an address of type " + type;
    if (type != DOMAIN_NAME) {
      in.readNBytes(type == 1 ? 4 : 16);
    }
    asked.add("socks " + where + ":" + in.readUnsignedShort());
    byte notAllowed = 2;
    client.getOutputStream().write(new byte[] {SOCKS_5, notAllowed, 0, 1, 0, 0, 0, 0, 0, 0});
  }

  private void connect(int first, DataInputStream in, Socket client) throws IOException {
    StringBuilder head = new StringBuilder().append((char) first);
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    asked.add(head.substring(0, head.indexOf(" HTTP/")));
    client
        .getOutputStream()
        .write("HTTP/1.1 403 Forbidden\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
