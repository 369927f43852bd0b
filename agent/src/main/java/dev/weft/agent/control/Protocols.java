package dev.weft.agent.control;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What is spoken on the ports this workload listens on, as far as known. Thread-safe. */
final class Protocols {
  private static final String HTTP = "http";

  private volatile Supplier<Set<Integer>> http = Set::of;

  /** {@code ports} are those on which a library of the request layer serves. */
  void http(Supplier<Set<Integer>> ports) {
    http = ports;
  }

  /** By port as text, in the words of {@code appProtocol}. */
  Map<String, String> of(List<Integer> listening) {
    Set<Integer> known = http.get();
    Map<String, String> byPort = new TreeMap<>();
    for (int port : listening) {
      if (known.contains(port)) {
        byPort.put(Integer.toString(port), HTTP);
      }
    }
    return byPort;
  }
}
