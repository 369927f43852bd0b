package dev.weft.policy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An inbound connection, as far as access policy may look at it. Immutable.
 *
 * @param port the port the workload listens on
 * @param source the other end of the socket; null: not known
 * @param destination our end of the socket; null: not known
 * @param sni the name that the client asked for in its TLS hello; empty: none, or not known
 */
public record AccessConnection(
    Peer peer,
    int port,
    @Nullable InetAddress source,
    @Nullable InetAddress destination,
    String sni) {

  /** A connection of which only this is known. */
  public static AccessConnection of(Peer peer, int port) {
    return new AccessConnection(peer, port, null, null, "");
  }

  /** A connection between two sockets. A wildcard address is none that a connection can have. */
  public static AccessConnection of(Peer peer, InetSocketAddress remote, InetSocketAddress local) {
    return new AccessConnection(peer, local.getPort(), address(remote), address(local), "");
  }

  private static @Nullable InetAddress address(InetSocketAddress socket) {
    InetAddress address = socket.getAddress();
    return address == null || address.isAnyLocalAddress() ? null : address;
  }
}
