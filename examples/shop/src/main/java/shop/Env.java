package shop;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;

/** What every program of the shop takes from its environment. */
final class Env {
  private Env() {}

  static String text(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  /** Base URL of another service, without a slash at its end. */
  static URI url(String name, String otherwise) {
    return URI.create(text(name, otherwise));
  }

  /** 127.0.0.1 and {@code PORT}; port 0 lets the system choose. */
  static InetSocketAddress bind() throws UnknownHostException {
    InetAddress loopback = InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
    return new InetSocketAddress(loopback, Integer.parseInt(text("PORT", "0")));
  }

  /** Tells whoever started the program where it listens. */
  static void listening(int port) {
    System.out.println("listening " + port);
    System.out.flush();
  }
}
