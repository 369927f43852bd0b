package dev.weft.server.limit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;

/** By what an address is counted. */
public final class Addresses {
  private static final int PREFIX_BYTES = 8;

  private Addresses() {}

  /** The address itself; of an IPv6 address its /64, of which one machine may have all. */
  public static String key(InetAddress address) {
    if (address instanceof Inet6Address v6) {
      return HexFormat.of().formatHex(v6.getAddress(), 0, PREFIX_BYTES) + "/64";
    }
    return address.getHostAddress();
  }
}
