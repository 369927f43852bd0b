package dev.weft.server.registry;

import dev.weft.server.registry.Registry.Entry;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a registry, by instance and by identity: what concerns one identity does not look
 * through thousands of others, least of all when they all come back at once. An instance never
 * changes its identity. Guarded by itself, held by its user.
 */
final class Entries {
  private final Map<UUID, Entry> byInstance = new LinkedHashMap<>();
  private final Map<String, Map<UUID, Entry>> byIdentity = new HashMap<>();

  @Nullable Entry get(UUID instance) {
    return byInstance.get(instance);
  }

  int size() {
    return byInstance.size();
  }

  /** In order of arrival; a view. */
  Collection<Entry> all() {
    return Collections.unmodifiableCollection(byInstance.values());
  }

  /** Those of a SPIFFE ID, in order of arrival; a copy. */
  List<Entry> of(String spiffeId) {
    return List.copyOf(byIdentity.getOrDefault(spiffeId, Map.of()).values());
  }

  /** Adds an entry, in place of one of the same instance. */
  void add(Entry entry) {
    UUID instance = entry.registration.instance();
    remove(instance);
    byInstance.put(instance, entry);
    byIdentity.computeIfAbsent(spiffeId(entry), id -> new LinkedHashMap<>()).put(instance, entry);
  }

  /** Removes an entry, if it is there. */
  void remove(UUID instance) {
    Entry removed = byInstance.remove(instance);
    if (removed != null) {
      byIdentity.computeIfPresent(
          spiffeId(removed),
          (id, entries) -> {
            entries.remove(instance);
            return entries.isEmpty() ? null : entries;
          });
    }
  }

  private static String spiffeId(Entry entry) {
    return entry.registration.workload().spiffeId();
  }
}
