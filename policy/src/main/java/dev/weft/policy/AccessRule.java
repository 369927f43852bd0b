package dev.weft.policy;

import java.util.List;

/**
 * One rule: some source <em>and</em> some operation. Immutable.
 *
 * @param from empty: any source
 * @param to empty: any operation
 */
public record AccessRule(List<Source> from, List<Operation> to) {

  /**
   * Who calls. Each list is a set of alternatives, empty: no condition; all lists must hold. Values
   * may be exact, {@code prefix*}, {@code *suffix} or {@code *}. Principals are SPIFFE IDs without
   * {@code spiffe://}.
   */
  public record Source(
      List<String> principals,
      List<String> notPrincipals,
      List<String> namespaces,
      List<String> notNamespaces) {}

  /** What is called. As {@link Source}: alternatives within a list, all lists must hold. */
  public record Operation(
      List<Integer> ports,
      List<Integer> notPorts,
      List<String> methods,
      List<String> notMethods,
      List<String> paths,
      List<String> notPaths,
      List<String> hosts,
      List<String> notHosts) {

    /** Whether only a parsed request, not a connection, can answer it. */
    public boolean needsRequest() {
      return !(methods.isEmpty()
          && notMethods.isEmpty()
          && paths.isEmpty()
          && notPaths.isEmpty()
          && hosts.isEmpty()
          && notHosts.isEmpty());
    }
  }
}
