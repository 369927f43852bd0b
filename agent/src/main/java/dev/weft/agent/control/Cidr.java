package dev.weft.agent.control;

import java.net.InetAddress;

/** A range of addresses, {@code 10.0.0.0/8} or {@code fd00::/8}. Immutable. */
final class Cidr {
  private final byte[] network;
  private final int bits;

  private Cidr(byte[] network, int bits) {
    this.network = network;
    this.bits = bits;
  }

  /**
   * Parses a range; an address alone is a range of one.
   *
   * @throws IllegalArgumentException naming the text
   */
  static Cidr parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = Addresses.parse(slash < 0 ? text : text.substring(0, slash));
    if (address != null) {
      int width = address.getAddress().length * 8;
      try {
        int bits = slash < 0 ? width : Integer.parseInt(text.substring(slash + 1));
        if (bits >= 0 && bits <= width) {
          return new Cidr(address.getAddress(), bits);
        }
      } catch (NumberFormatException e) {
        // The message below says all.
      }
    }
    throw new IllegalArgumentException(
        "expected a CIDR such as 10.0.0.0/8, found \"" + text + "\"");
  }

  boolean contains(InetAddress address) {
    byte[] other = address.getAddress();
    if (other.length != network.length) {
      return false;
    }
    int whole = bits / 8;
    for (int i = 0; i < whole; i++) {
      if (other[i] != network[i]) {
        return false;
      }
    }
    int mask = 0xff00 >> (bits % 8) & 0xff;
    return mask == 0 || (other[whole] & mask) == (network[whole] & mask);
  }
}
