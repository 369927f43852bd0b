package dev.weft.policy.compile;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Workloads by something that they have in common, each group in order of ids. A group that a
 * change does not touch stays the same list. Immutable.
 */
final class WorkloadGroups<K> {
  static final Comparator<Workload> BY_ID = Comparator.comparing(Workload::id);

  private final BiConsumer<Workload, Consumer<K>> keys;
  private final Map<K, List<Workload>> groups;

  private WorkloadGroups(BiConsumer<Workload, Consumer<K>> keys, Map<K, List<Workload>> groups) {
    this.keys = keys;
    this.groups = groups;
  }

  /**
   * Puts workloads into groups.
   *
   * @param sorted in order of ids
   * @param keys tells the groups of a workload, each once
   */
  static <K> WorkloadGroups<K> of(List<Workload> sorted, BiConsumer<Workload, Consumer<K>> keys) {
    return new WorkloadGroups<>(keys, groups(sorted, keys));
  }

  /**
   * The same without some workloads of these groups, and with others. No two have one id, except
   * one that goes and one that comes.
   */
  WorkloadGroups<K> change(Collection<Workload> removed, Collection<Workload> added) {
    Map<K, List<Workload>> gone = groups(removed, keys);
    Map<K, List<Workload>> come = groups(added, keys);
    Map<K, List<Workload>> now = new HashMap<>(groups);
    gone.forEach(
        (key, some) -> {
          List<Workload> group = spliced(of(key), some, come.getOrDefault(key, List.of()));
          if (group.isEmpty()) {
            now.remove(key);
          } else {
            now.put(key, group);
          }
        });
    come.forEach(
        (key, some) -> {
          if (!gone.containsKey(key)) {
            now.put(key, spliced(of(key), List.of(), some));
          }
        });
    return new WorkloadGroups<>(keys, now);
  }

  /** A group; empty where there is none. Not to be written to. */
  List<Workload> of(K key) {
    return groups.getOrDefault(key, List.of());
  }

  /** All groups, none of them empty. */
  Map<K, List<Workload>> all() {
    return Collections.unmodifiableMap(groups);
  }

  /** A list in order of ids without some of its workloads, and with others in their places. */
  static List<Workload> spliced(
      List<Workload> sorted, Collection<Workload> removed, Collection<Workload> added) {
    List<Workload> spliced = new ArrayList<>(sorted.size() + added.size());
    spliced.addAll(sorted);
    for (Workload workload : removed) {
      spliced.remove(Collections.binarySearch(spliced, workload, BY_ID));
    }
    for (Workload workload : added) {
      int at = Collections.binarySearch(spliced, workload, BY_ID);
      spliced.add(at < 0 ? -at - 1 : at, workload);
    }
    return spliced;
  }

  private static <K> Map<K, List<Workload>> groups(
      Collection<Workload> workloads, BiConsumer<Workload, Consumer<K>> keys) {
    Map<K, List<Workload>> groups = new HashMap<>();
    for (Workload workload : workloads) {
      keys.accept(
          workload, key -> groups.computeIfAbsent(key, none -> new ArrayList<>(2)).add(workload));
    }
    return groups;
  }
}
