package dev.weft.policy.compile;

import dev.weft.policy.document.Diagnostic;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What became of one route: its bindings to services, and what it asked about services on the way.
 * As long as the answers are the same, it need not be bound again. Immutable.
 */
record BoundRoute(
    List<RouteBinding> bindings,
    List<Diagnostic> diagnostics,
    List<ServiceLookups.Lookup> lookups,
    Map<String, Set<String>> subsets) {

  /** Whether binding it among these services would give the same again. */
  boolean holds(ServiceIndex services, Map<String, Set<String>> subsetsNow) {
    for (Map.Entry<String, Set<String>> known : subsets.entrySet()) {
      if (!known.getValue().equals(subsetsNow.getOrDefault(known.getKey(), Set.of()))) {
        return false;
      }
    }
    for (ServiceLookups.Lookup lookup : lookups) {
      if (!lookup.holds(services)) {
        return false;
      }
    }
    return true;
  }
}
