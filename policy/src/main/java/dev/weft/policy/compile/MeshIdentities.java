package dev.weft.policy.compile;

import dev.weft.policy.MeshWorkload;
import dev.weft.policy.part.Bodies;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the workloads of each identity run, as clients must know it: without ports of mode DISABLE,
 * where the mesh stays out. An identity of which nothing changed keeps its record. Thread-safe.
 */
final class MeshIdentities {
  private static final String SCHEME = "spiffe://";

  private final Map<String, Known> known = new HashMap<>();
  private final SortedMap<String, Bodies.Workloads> byPart = new TreeMap<>();
  private @Nullable List<MeshWorkload> workloads;

  private MeshIdentities() {}

  /**
   * One identity.
   *
   * @param workloads those that have it
   * @param modes by their namespaces
   * @param part the key of its part
   */
  private record Known(
      List<Workload> workloads,
      Map<String, InboundCompiler.Modes> modes,
      String part,
      Bodies.Workloads body) {

    @SuppressWarnings("ReferenceEquality") // the index keeps groups that did not change
    boolean holds(@Nullable List<Workload> workloadsNow, InboundCompiler inbound) {
      if (workloads != workloadsNow) {
        return false;
      }
      for (Map.Entry<String, InboundCompiler.Modes> mode : modes.entrySet()) {
        if (!mode.getValue().equals(inbound.modes(mode.getKey()))) {
          return false;
        }
      }
      return true;
    }
  }

  /** Of no workloads. */
  static MeshIdentities none() {
    return new MeshIdentities();
  }

  /** {@code before} is of an earlier compilation with any arguments. */
  static MeshIdentities compile(
      WorkloadIndex index, InboundCompiler inbound, MeshIdentities before) {
    Map<String, List<Workload>> groups = index.byIdentity();
    if (groups.size() == before.known.size()
        && before.known.entrySet().stream()
            .allMatch(one -> one.getValue().holds(groups.get(one.getKey()), inbound))) {
      return before;
    }
    MeshIdentities identities = new MeshIdentities();
    groups.forEach(
        (id, workloads) -> {
          Known last = before.known.get(id);
          identities.add(
              id,
              last != null && last.holds(workloads, inbound)
                  ? last
                  : known(id, workloads, inbound));
        });
    return identities;
  }

  private void add(String id, Known identity) {
    known.put(id, identity);
    // Should ids differ in their scheme only, the last in order counts.
    byPart.merge(
        identity.part(),
        identity.body(),
        (one, other) -> one.spiffeId().compareTo(other.spiffeId()) > 0 ? one : other);
  }

  private static Known known(String id, List<Workload> workloads, InboundCompiler inbound) {
    Map<String, InboundCompiler.Modes> modes = new HashMap<>();
    List<Bodies.Place> places = new ArrayList<>(workloads.size());
    for (Workload workload : workloads) {
      modes.computeIfAbsent(workload.namespace(), inbound::modes);
      List<Integer> ports = new ArrayList<>(workload.listening().size());
      for (int port : workload.listening()) {
        if (!inbound.disabled(workload, port)) {
          ports.add(port);
        }
      }
      Collections.sort(ports);
      places.add(new Bodies.Place(workload.address(), List.copyOf(ports)));
    }
    String part = Bodies.IDENTITY + (id.startsWith(SCHEME) ? id.substring(SCHEME.length()) : id);
    List<Bodies.Place> sorted =
        places.stream()
            .distinct()
            .sorted(
                Comparator.comparing(Bodies.Place::address)
                    .thenComparing(place -> place.ports().toString()))
            .toList();
    return new Known(workloads, Map.copyOf(modes), part, new Bodies.Workloads(id, sorted));
  }

  /** Identities by the keys of their parts, in order. */
  SortedMap<String, Bodies.Workloads> byPart() {
    return Collections.unmodifiableSortedMap(byPart);
  }

  /** The same as a list, in order of addresses; worked out on demand, once. */
  synchronized List<MeshWorkload> workloads() {
    if (workloads == null) {
      List<MeshWorkload> all = new ArrayList<>();
      for (Known identity : known.values()) {
        for (Bodies.Place place : identity.body().places()) {
          all.add(new MeshWorkload(place.address(), identity.body().spiffeId(), place.ports()));
        }
      }
      all.sort(
          Comparator.comparing(MeshWorkload::address)
              .thenComparing(MeshWorkload::spiffeId)
              .thenComparing(workload -> workload.ports().toString()));
      workloads = List.copyOf(all);
    }
    return workloads;
  }
}
