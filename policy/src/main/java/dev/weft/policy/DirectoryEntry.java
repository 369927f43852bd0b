package dev.weft.policy;

import java.util.List;

/**
 * A service that exists beyond what this agent has been told of: enough to resolve its name, and to
 * ask for the rest when somebody calls it. Immutable.
 *
 * @param name short name
 * @param namespace its namespace
 * @param hosts every name by which this client may call it, lower case
 * @param virtualAddress IPv4 literal in 240.0.0.0/4 that stands for it
 */
public record DirectoryEntry(
    String name, String namespace, List<String> hosts, String virtualAddress) {

  /** Kubernetes' {@code namespace/name}. */
  public String key() {
    return namespace + "/" + name;
  }
}
