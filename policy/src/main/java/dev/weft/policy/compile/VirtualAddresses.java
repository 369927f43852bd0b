package dev.weft.policy.compile;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gives every service an address of its own in 240.0.0.0/4, which the internet never uses (RFC
 * 1112, section 4). It hangs on the service's name alone, so that it is the same on every server
 * and after every restart, except where two names collide: there the first in order of names keeps
 * it and the other takes the next free one.
 */
final class VirtualAddresses {
  private static final long BASE = 0xF000_0000L;

  /** Without the first address, and without 255.255.255.255, which means everybody. */
  private static final int USABLE = (1 << 28) - 2;

  private VirtualAddresses() {}

  /** Addresses by key. */
  static Map<String, String> of(Collection<String> keys) {
    Set<Integer> taken = new HashSet<>();
    Map<String, String> addresses = new TreeMap<>();
    for (String key : new TreeSet<>(keys)) {
      int slot = (int) Long.remainderUnsigned(hash(key), USABLE);
      while (!taken.add(slot)) {
        slot = (slot + 1) % USABLE;
      }
      addresses.put(key, text(BASE + 1 + slot));
    }
    return addresses;
  }

  /** FNV-1a of 64 bits, finished so that its high bits count in a remainder. */
  private static long hash(String key) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < key.length(); i++) {
      hash ^= key.charAt(i);
      hash *= 0x100000001b3L;
    }
    return hash ^ (hash >>> 32);
  }

  private static String text(long address) {
    return ((address >> 24) & 255)
        + "."
        + ((address >> 16) & 255)
        + "."
        + ((address >> 8) & 255)
        + "."
        + (address & 255);
  }
}
