package dev.weft.server.http;

import dev.weft.server.limit.Addresses;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/**
 * The other end of a connection. Immutable.
 *
 * @param address IP literal without zone
 * @param key by what it is counted
 */
record Remote(String address, String key) {
  static Remote of(Channel channel) {
    if (channel.remoteAddress() instanceof InetSocketAddress remote
        && remote.getAddress() != null) {
      String literal = remote.getAddress().getHostAddress();
      int zone = literal.indexOf('%');
      return new Remote(
          zone < 0 ? literal : literal.substring(0, zone), Addresses.key(remote.getAddress()));
    }
    return new Remote("unknown", "unknown");
  }
}
