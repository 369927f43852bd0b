package dev.weft.policy.compile;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The workloads of a mesh in order of their ids, and by what documents and parts ask for: labels,
 * the service they belong to, their identity. Immutable.
 */
final class WorkloadIndex {
  /** With more changes than one of so many workloads, building anew is no slower. */
  private static final int WORTH_SPLICING = 4;

  private final List<Workload> given;
  private final List<Workload> sorted;
  private final boolean unique;
  private final WorkloadGroups<Label> byLabel;
  private final WorkloadGroups<Owner> byService;
  private final WorkloadGroups<String> byIdentity;

  private WorkloadIndex(
      List<Workload> given,
      List<Workload> sorted,
      boolean unique,
      WorkloadGroups<Label> byLabel,
      WorkloadGroups<Owner> byService,
      WorkloadGroups<String> byIdentity) {
    this.given = given;
    this.sorted = sorted;
    this.unique = unique;
    this.byLabel = byLabel;
    this.byService = byService;
    this.byIdentity = byIdentity;
  }

  private record Label(String namespace, String name, String value) {}

  /** What a workload says that it belongs to; {@code service} in lower case. */
  record Owner(String namespace, String service) {
    String key() {
      return namespace + "/" + service;
    }
  }

  /** The index of workloads in any order. */
  static WorkloadIndex of(List<Workload> workloads) {
    List<Workload> sorted = new ArrayList<>(workloads);
    sorted.sort(WorkloadGroups.BY_ID);
    boolean unique = true;
    for (int i = 1; unique && i < sorted.size(); i++) {
      unique = !sorted.get(i).id().equals(sorted.get(i - 1).id());
    }
    return new WorkloadIndex(
        List.copyOf(workloads),
        sorted,
        unique,
        WorkloadGroups.of(sorted, WorkloadIndex::labels),
        WorkloadGroups.of(sorted, WorkloadIndex::owner),
        WorkloadGroups.of(sorted, WorkloadIndex::identity));
  }

  /**
   * The index of other workloads, equal to what {@link #of} makes of them. What they have in common
   * with these is the same: groups, and workloads that are equal.
   */
  WorkloadIndex next(List<Workload> workloads) {
    List<Workload> now = new ArrayList<>(workloads);
    List<Workload> removed = new ArrayList<>();
    List<Workload> added = new ArrayList<>();
    compare(now, removed, added);
    if (removed.isEmpty() && added.isEmpty() && unique) {
      return this;
    }
    // Workloads with one id stand in the order in which they are given: that takes sorting.
    if (!unique || (removed.size() + added.size()) * WORTH_SPLICING > sorted.size()) {
      return of(now);
    }
    List<Workload> spliced = WorkloadGroups.spliced(sorted, removed, added);
    if (added.stream().anyMatch(one -> isTwice(one, spliced))) {
      return of(now);
    }
    return new WorkloadIndex(
        now,
        spliced,
        true,
        byLabel.change(removed, added),
        byService.change(removed, added),
        byIdentity.change(removed, added));
  }

  /** Finds out who went and who came, and puts those of before in place of their equals. */
  @SuppressWarnings("ReferenceEquality") // for speed only
  private void compare(List<Workload> now, List<Workload> removed, List<Workload> added) {
    int shorter = Math.min(given.size(), now.size());
    int from = 0;
    while (from < shorter && given.get(from) == now.get(from)) {
      from++;
    }
    int to = 0;
    while (to < shorter - from
        && given.get(given.size() - 1 - to) == now.get(now.size() - 1 - to)) {
      to++;
    }
    Set<Workload> gone = Collections.newSetFromMap(new IdentityHashMap<>());
    Map<String, Workload> before = new HashMap<>();
    for (Workload workload : given.subList(from, given.size() - to)) {
      gone.add(workload);
      before.put(workload.id(), workload);
    }
    for (int i = from; i < now.size() - to; i++) {
      Workload workload = now.get(i);
      Workload known = before.get(workload.id());
      if (gone.remove(workload)) {
        continue;
      }
      if (workload.equals(known) && gone.remove(known)) {
        now.set(i, known);
      } else {
        added.add(workload);
      }
    }
    removed.addAll(gone);
  }

  private static boolean isTwice(Workload one, List<Workload> sorted) {
    int at = Collections.binarySearch(sorted, one, WorkloadGroups.BY_ID);
    return (at > 0 && sorted.get(at - 1).id().equals(one.id()))
        || (at + 1 < sorted.size() && sorted.get(at + 1).id().equals(one.id()));
  }

  /** All workloads, in order of their ids. */
  List<Workload> all() {
    return Collections.unmodifiableList(sorted);
  }

  /** The workloads that belong to a service by their own word. */
  Map<Owner, List<Workload>> byService() {
    return byService.all();
  }

  /** How many workloads belong to the same service as one, itself among them. */
  int instances(Workload workload) {
    int[] same = {1}; // who belongs to none is alone
    owner(workload, owner -> same[0] = Math.max(1, byService.of(owner).size()));
    return same[0];
  }

  /** The workloads that have an address, by SPIFFE ID. */
  Map<String, List<Workload>> byIdentity() {
    return byIdentity.all();
  }

  /** The workloads of a namespace with all of these labels, in order; none for no labels. */
  List<Workload> select(String namespace, Map<String, String> selector) {
    List<Workload> fewest = List.of();
    boolean first = true;
    for (Map.Entry<String, String> label : selector.entrySet()) {
      List<Workload> carrying = byLabel.of(new Label(namespace, label.getKey(), label.getValue()));
      if (first || carrying.size() < fewest.size()) {
        fewest = carrying;
        first = false;
      }
    }
    return selector.size() <= 1
        ? fewest
        : fewest.stream().filter(workload -> workload.matches(selector)).toList();
  }

  /** As {@link Workload#effectiveLabels} has them. */
  private static void labels(Workload workload, Consumer<Label> labels) {
    String namespace = workload.namespace();
    workload.labels().forEach((name, value) -> labels.accept(new Label(namespace, name, value)));
    if (!workload.service().isEmpty() && !workload.labels().containsKey("app")) {
      labels.accept(new Label(namespace, "app", workload.service()));
    }
  }

  private static void owner(Workload workload, Consumer<Owner> owner) {
    if (!workload.service().isEmpty()) {
      owner.accept(new Owner(workload.namespace(), workload.service().toLowerCase(Locale.ROOT)));
    }
  }

  private static void identity(Workload workload, Consumer<String> identity) {
    if (!workload.address().isEmpty()) {
      identity.accept(workload.spiffeId());
    }
  }
}
