package dev.weft.agent.control;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that stand for services: 240.0.0.0/4, which nobody may route, and their IPv6 twins,
 * whose last 32 bits are the IPv4 address behind the unique local prefix fd77:6566:74::/96
 * ("weft").
 */
public final class VirtualAddresses {
  private static final byte[] PREFIX = {
    (byte) 0xfd, 0x77, 0x65, 0x66, 0x00, 0x74, 0, 0, 0, 0, 0, 0
  };
  private static final int CLASS_E = 0xf0;

  private VirtualAddresses() {}

  /** Whether the address lies in one of the ranges, used or not. */
  public static boolean contain(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet4Address
        ? (bytes[0] & CLASS_E) == CLASS_E
        : Arrays.equals(PREFIX, 0, PREFIX.length, bytes, 0, PREFIX.length);
  }

  /**
   * The IPv6 twin of a virtual IPv4 address.
   *
   * @param host the name it gets; null: none
   */
  public static InetAddress twin(@Nullable String host, InetAddress virtual) {
    byte[] bytes = Arrays.copyOf(PREFIX, 16);
    System.arraycopy(virtual.getAddress(), 0, bytes, PREFIX.length, 4);
    try {
      return Inet6Address.getByAddress(host, bytes, -1);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("16 bytes are an address", e);
    }
  }

  /**
   * The address that the kernel makes of one: an IPv4 address in IPv6 clothes is that IPv4 address,
   * the unspecified address is this host's own.
   */
  public static InetAddress dialled(InetAddress address) {
    try {
      if (address.isAnyLocalAddress()) {
        return address instanceof Inet4Address
            ? InetAddress.getByAddress(new byte[] {127, 0, 0, 1})
            : InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
      }
      if (address instanceof Inet6Address && mapped(address.getAddress())) {
        return InetAddress.getByAddress(address.getAddress()); // which makes the shorter one of it
      }
      return address;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }

  private static boolean mapped(byte[] bytes) {
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return bytes[10] == -1 && bytes[11] == -1;
  }
}
