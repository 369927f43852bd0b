package dev.weft.agent.control;

import java.util.List;
import java.util.TreeMap;

/**
 * The ports this workload serves. Several sockets may listen on one port (one per address family,
 * or with SO_REUSEPORT), so openings are counted. Thread-safe.
 */
final class ListeningPorts {
  private final TreeMap<Integer, Integer> open = new TreeMap<>();

  /** True when the set of ports changed. */
  synchronized boolean opened(int port) {
    Integer before = open.get(port); // no lambda: it would be linked inside the application's bind
    open.put(port, before == null ? 1 : before + 1);
    return before == null;
  }

  /** True when the set of ports changed; ports that were never opened change nothing. */
  synchronized boolean closed(int port) {
    Integer before = open.get(port);
    if (before == null) {
      return false;
    }
    if (before > 1) {
      open.put(port, before - 1);
      return false;
    }
    open.remove(port);
    return true;
  }

  /** In ascending order. */
  synchronized List<Integer> ports() {
    return List.copyOf(open.keySet());
  }
}
