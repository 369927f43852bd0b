package dev.weft.policy;

import java.util.List;

/**
 * One rule: some source <em>and</em> some operation <em>and</em> all conditions. Immutable.
 *
 * @param from empty: any source
 * @param to empty: any operation
 * @param when all of them must hold
 */
public record AccessRule(List<Source> from, List<Operation> to, List<AccessCondition> when) {

  /** A rule without further conditions. */
  public AccessRule(List<Source> from, List<Operation> to) {
    this(from, to, List.of());
  }

  /**
   * Who calls. Each list is a set of alternatives, empty: no condition; all lists must hold. Values
   * may be exact, {@code prefix*}, {@code *suffix} or {@code *}. Principals are SPIFFE IDs without
   * {@code spiffe://}.
   *
   * @param conditions on anything else about the caller; all of them must hold
   */
  public record Source(
      List<String> principals,
      List<String> notPrincipals,
      List<String> namespaces,
      List<String> notNamespaces,
      List<AccessCondition> conditions) {

    /** Who calls, by identity alone. */
    public Source(
        List<String> principals,
        List<String> notPrincipals,
        List<String> namespaces,
        List<String> notNamespaces) {
      this(principals, notPrincipals, namespaces, notNamespaces, List.of());
    }
  }

  /**
   * What is called. As {@link Source}: alternatives within a list, all lists must hold. Paths may
   * be templates: <code>{*}</code> is one segment, <code>{**}</code> any rest.
   */
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

  /** Whether it has conditions that an agent of before {@link AccessCondition}s would overlook. */
  boolean hasConditions() {
    return !when.isEmpty()
        || from.stream().anyMatch(source -> !source.conditions().isEmpty())
        || to.stream()
            .anyMatch(
                operation ->
                    operation.paths().stream().anyMatch(PathTemplate::isTemplate)
                        || operation.notPaths().stream().anyMatch(PathTemplate::isTemplate));
  }
}
