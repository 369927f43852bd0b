package dev.weft.agent.traffic;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Listening sockets on which a server library hands every request to the access gate. By address
 * and port: another socket of the same port on another address is not covered. Thread-safe.
 */
final class CoveredPorts {
  private final Map<InetSocketAddress, String> libraries = new ConcurrentHashMap<>();

  void add(InetSocketAddress local, String library) {
    libraries.put(local, library);
  }

  void remove(InetSocketAddress local) {
    libraries.remove(local);
  }

  Map<Integer, String> byPort() {
    Map<Integer, String> byPort = new TreeMap<>();
    libraries.forEach((local, library) -> byPort.put(local.getPort(), library));
    return byPort;
  }

  /** The library that checks what arrives at this address of ours; null: none does. */
  @Nullable String library(InetAddress address, int port) {
    String exact = libraries.get(new InetSocketAddress(address, port));
    return exact != null ? exact : libraries.get(new InetSocketAddress(port));
  }
}
