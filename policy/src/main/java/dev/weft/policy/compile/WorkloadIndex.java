package dev.weft.policy.compile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the workloads that a selector means without asking all of them: by namespace and by each
 * label. Immutable.
 */
final class WorkloadIndex {
  private final Map<Label, List<Workload>> byLabel = new HashMap<>();

  private record Label(String namespace, String name, String value) {}

  WorkloadIndex(List<Workload> workloads) {
    for (Workload workload : workloads) {
      workload
          .effectiveLabels()
          .forEach(
              (name, value) ->
                  byLabel
                      .computeIfAbsent(
                          new Label(workload.namespace(), name, value), key -> new ArrayList<>())
                      .add(workload));
    }
  }

  /** The workloads of a namespace with all of these labels, in order; none for no labels. */
  List<Workload> select(String namespace, Map<String, String> selector) {
    List<Workload> fewest = List.of();
    boolean first = true;
    for (Map.Entry<String, String> label : selector.entrySet()) {
      List<Workload> carrying =
          byLabel.getOrDefault(new Label(namespace, label.getKey(), label.getValue()), List.of());
      if (first || carrying.size() < fewest.size()) {
        fewest = carrying;
        first = false;
      }
    }
    return selector.size() <= 1
        ? fewest
        : fewest.stream().filter(workload -> workload.matches(selector)).toList();
  }
}
