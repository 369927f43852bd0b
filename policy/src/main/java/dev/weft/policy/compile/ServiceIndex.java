package dev.weft.policy.compile;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The services of a mesh by key and by the names that documents give them. Immutable. */
final class ServiceIndex {
  private final Map<String, CompiledService> byKey = new LinkedHashMap<>();
  private final Map<String, CompiledService> byHost = new HashMap<>();
  private final Map<String, List<CompiledService>> byOrigin = new HashMap<>();

  ServiceIndex(List<CompiledService> services) {
    for (CompiledService service : services) {
      byKey.put(service.key(), service);
      byOrigin.computeIfAbsent(service.origin(), title -> new ArrayList<>()).add(service);
      // In order of namespace and name: of two that claim a name, the first has it.
      service.hosts("").forEach(host -> byHost.putIfAbsent(host, service));
    }
  }

  /** The services that a document declares, by its title. */
  List<CompiledService> declaredBy(String title) {
    return byOrigin.getOrDefault(title, List.of());
  }

  /** All of them, in order of namespace and name. */
  Collection<CompiledService> all() {
    return byKey.values();
  }

  /** The service of a {@code namespace/name}. */
  Optional<CompiledService> key(String key) {
    return Optional.ofNullable(byKey.get(key));
  }

  /**
   * The service that a document of a namespace means by a host: a short name is one of its own
   * namespace, and so is a name that a {@code ServiceEntry} there has made.
   */
  Optional<CompiledService> host(String host, String namespace) {
    CompiledService own = byKey.get(namespace + "/" + host);
    return Optional.ofNullable(own != null ? own : byHost.get(host));
  }

  /** All services that a host with or without wildcard means: {@code *}, {@code *.a.svc}. */
  List<CompiledService> matching(String host, String namespace) {
    if (!host.startsWith("*")) {
      return host(host, namespace).map(List::of).orElse(List.of());
    }
    String suffix = host.substring(1);
    List<CompiledService> found = new ArrayList<>();
    for (CompiledService service : byKey.values()) {
      if (service.hosts("").stream().anyMatch(name -> name.endsWith(suffix))) {
        found.add(service);
      }
    }
    return found;
  }
}
