package dev.weft.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * Where a listener listens. Immutable.
 *
 * @param host name or IP literal, without brackets
 * @param port 0 to 65535; 0: any free one
 */
public record HostPort(String host, int port) {

  /**
   * Reads {@code host:port} or {@code [v6]:port}.
   *
   * @throws IllegalArgumentException naming what was expected
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      host = "";
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (!host.isEmpty() && port >= 0 && port <= 65_535) {
        return new HostPort(host, port);
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw new IllegalArgumentException(
        "expected host:port such as 0.0.0.0:15010, found \"" + text + "\"");
  }

  InetSocketAddress resolve() {
    return new InetSocketAddress(host, port);
  }

  /** The address under which programs on this machine reach a listener. */
  static URI localUri(String scheme, InetSocketAddress bound) {
    InetAddress address = bound.getAddress();
    String host =
        address.isAnyLocalAddress()
            ? "127.0.0.1"
            : address.getHostAddress().indexOf(':') >= 0
                ? "[" + address.getHostAddress() + "]"
                : address.getHostAddress();
    return URI.create(scheme + "://" + host + ":" + bound.getPort());
  }
}
