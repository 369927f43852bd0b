package app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Prints how many bytes each connection brought. */
public final class Gather {
  private Gather() {}

  /** Prints {@code listening <port>}, then {@code got <bytes>} again and again. */
  public static void main(String[] args) throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (ServerSocket listener = new ServerSocket(0, 50, loopback)) {
      System.out.println("listening " + listener.getLocalPort());
      while (true) {
        try (Socket socket = listener.accept()) {
          System.out.println("got " + socket.getInputStream().readAllBytes().length);
        }
      }
    }
  }
}
