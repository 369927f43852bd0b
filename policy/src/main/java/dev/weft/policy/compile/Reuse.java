package dev.weft.policy.compile;

import dev.weft.policy.document.Document;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a compilation takes over from the one before: parts that came out equal stay the same
 * objects, so that whoever compares, hashes or sends them sees at a glance that nothing changed.
 * Immutable.
 */
record Reuse(
    Optional<DocumentRules> rules,
    Map<String, CompiledService> services,
    Map<DocumentKey, BoundRoute> bound,
    Map<String, ServiceRoutes> routes,
    WorkloadIndex workloads,
    Map<Object, DraftedService> drafted,
    MeshIdentities identities,
    Map<String, MeshParts.Told> told) {

  /** Of no compilation. */
  static final Reuse NOTHING =
      new Reuse(
          Optional.empty(),
          Map.of(),
          Map.of(),
          Map.of(),
          WorkloadIndex.of(List.of()),
          Map.of(),
          MeshIdentities.none(),
          Map.of());

  /** A document by identity: files that did not change keep their documents. */
  record DocumentKey(Document document) {
    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(Object other) {
      return other instanceof DocumentKey key && key.document == document;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(document);
    }
  }

  /** With what agents were told since. */
  Reuse with(Map<String, MeshParts.Told> nowTold) {
    return new Reuse(rules, services, bound, routes, workloads, drafted, identities, nowTold);
  }

  /** The services with those that did not change in their old shape. */
  List<CompiledService> settle(List<CompiledService> compiled) {
    if (services.isEmpty()) {
      return compiled;
    }
    List<CompiledService> settled = new ArrayList<>(compiled.size());
    for (CompiledService service : compiled) {
      CompiledService before = services.get(service.key());
      settled.add(service.equals(before) ? before : service);
    }
    return List.copyOf(settled);
  }

  static Map<String, CompiledService> byKey(List<CompiledService> services) {
    Map<String, CompiledService> byKey = new HashMap<>();
    services.forEach(service -> byKey.put(service.key(), service));
    return byKey;
  }
}
