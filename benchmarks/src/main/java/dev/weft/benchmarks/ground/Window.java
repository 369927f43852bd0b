package dev.weft.benchmarks.ground;

import java.util.Map;

/**
 * What one command to a client gave.
 *
 * @param answer the client's own figures
 * @param cpuSeconds processor time of the processes that count, meanwhile
 */
public record Window(Map<String, String> answer, double cpuSeconds) {
  /** A figure of the client. */
  public double figure(String name) {
    String value = answer.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no " + name + " in " + answer);
    }
    return Double.parseDouble(value);
  }
}
