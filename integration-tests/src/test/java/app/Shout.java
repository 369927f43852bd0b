package app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** Writes {@code BYTES} bytes to {@code PORT} and ends. */
public final class Shout {
  private Shout() {}

  /** Prints {@code done}. */
  public static void main(String[] args) throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (Socket socket = new Socket(loopback, Integer.parseInt(System.getenv("PORT")))) {
      socket.getOutputStream().write(new byte[Integer.parseInt(System.getenv("BYTES"))]);
    }
    System.out.println("done");
  }
}
