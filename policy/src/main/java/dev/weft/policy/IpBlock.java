package dev.weft.policy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Addresses: a network in CIDR notation (RFC 4632, RFC 4291 section 2.3), or a single one. IPv4 in
 * its IPv6 form is IPv4. Immutable.
 */
public final class IpBlock {
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern V4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");
  private static final int LONGEST = 64;

  private final byte[] network;
  private final int bits;

  private IpBlock(byte[] network, int bits) {
    this.network = network;
    this.bits = bits;
  }

  /**
   * Parses {@code 10.0.0.0/8}, {@code 10.1.2.3}, {@code 2001:db8::/32} or {@code ::1}. Bits of the
   * host do not count.
   *
   * @throws IllegalArgumentException when it is none of them
   */
  public static IpBlock parse(String text) {
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    InetAddress address = address(literal);
    if (address == null) {
      throw new IllegalArgumentException("no IP address or network: \"" + text + "\"");
    }
    byte[] bytes = address.getAddress();
    int most = bytes.length * 8;
    if (slash < 0) {
      return new IpBlock(bytes, most);
    }
    String length = text.substring(slash + 1);
    int bits = length.matches("0|[1-9][0-9]{0,2}") ? Integer.parseInt(length) : -1;
    if (literal.indexOf(':') >= 0 && bytes.length == 4) {
      bits -= 96; // ::ffff:10.0.0.0/104 is 10.0.0.0/8
    }
    if (bits < 0 || bits > most) {
      throw new IllegalArgumentException("no IP address or network: \"" + text + "\"");
    }
    return new IpBlock(bytes, bits);
  }

  /** The address of an IP literal; null when the text is none. No name is ever looked up. */
  static @Nullable InetAddress address(String literal) {
    boolean v6 = literal.indexOf(':') >= 0;
    if (literal.length() > LONGEST || !(v6 ? V6 : V4).matcher(literal).matches()) {
      return null;
    }
    try {
      return InetAddress.getByName(v6 ? "[" + literal + "]" : literal);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != network.length) {
      return false;
    }
    for (int i = 0; i < bits; i += 8) {
      int mask = bits - i >= 8 ? 0xff : 0xff00 >> (bits - i);
      if (((bytes[i / 8] ^ network[i / 8]) & mask & 0xff) != 0) {
        return false;
      }
    }
    return true;
  }
}
