package dev.weft.agent.traffic;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ports on which a server library hands every request to the access gate. Counts, because servers
 * on different addresses may share a port. Thread-safe.
 */
final class CoveredPorts {
  private final Map<Integer, Integer> servers = new ConcurrentHashMap<>();

  void add(int port) {
    servers.merge(port, 1, Integer::sum);
  }

  void remove(int port) {
    servers.computeIfPresent(port, (key, count) -> count == 1 ? null : count - 1);
  }

  boolean contains(int port) {
    return servers.containsKey(port);
  }
}
