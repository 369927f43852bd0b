package dev.weft.policy.compile;

import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which workloads are behind which Services, as documents say. Immutable once compiled. */
final class Membership {
  /** Protocols that, declared by a Service, say that there are no requests of HTTP. */
  private static final Set<String> NO_HTTP = Set.of("tcp", "tls", "mongo", "mysql", "redis");

  private final Map<String, Declared> services = new HashMap<>();
  private final Map<String, Map<String, Declared>> byNamespace = new HashMap<>();

  /** A Service document. */
  record Declared(String namespace, Spec.ServiceSpec spec) {
    boolean has(Workload workload) {
      return !spec.selector().isEmpty()
          && namespace.equals(workload.namespace())
          && workload.matches(spec.selector());
    }
  }

  static Membership compile(List<Document> documents) {
    Membership membership = new Membership();
    for (Document document : documents) {
      if (document.spec() instanceof Spec.ServiceSpec spec) {
        String key = document.key();
        Declared declared = new Declared(document.namespace(), spec);
        membership.services.put(key, declared);
        membership
            .byNamespace
            .computeIfAbsent(document.namespace(), name -> new TreeMap<>())
            .put(key, declared);
      }
    }
    return membership;
  }

  /** The Service documents, by {@code namespace/name}. */
  Map<String, Declared> services() {
    return services;
  }

  /** Those that policies of a namespace may concern. */
  Map<String, Declared> services(String namespace) {
    return MeshCompiler.ROOT_NAMESPACES.contains(namespace)
        ? services
        : byNamespace.getOrDefault(namespace, Map.of());
  }

  /** Whether a policy of this namespace concerns a workload. */
  boolean concerns(String namespace, Spec.Attachment attachment, Workload workload) {
    if (!attachment.targets().isEmpty()) {
      return attachment.targets().stream().anyMatch(target -> behind(target, workload));
    }
    return (MeshCompiler.ROOT_NAMESPACES.contains(namespace)
            || namespace.equals(workload.namespace()))
        && workload.matches(attachment.selector());
  }

  /** Whether a workload belongs to a Service; to one without document by its own word. */
  boolean behind(Spec.TargetRef target, Workload workload) {
    Declared service = services.get(target.key());
    return service != null
        ? service.has(workload)
        : target.namespace().equals(workload.namespace())
            && target.name().equals(workload.service());
  }

  /** The ports of a workload on which its Services say there are no requests. */
  Set<Integer> portsWithoutRequests(Workload workload) {
    Set<Integer> without = new TreeSet<>();
    Set<Integer> with = new HashSet<>();
    for (Declared service : byNamespace.getOrDefault(workload.namespace(), Map.of()).values()) {
      if (service.has(workload)) {
        for (Spec.TargetedPort port : service.spec().ports()) {
          int number = port.target().number();
          int listening =
              number > 0 ? number : workload.ports().getOrDefault(port.target().name(), 0);
          (withoutRequests(port) ? without : with).add(listening);
        }
      }
    }
    without.removeAll(with);
    without.remove(0);
    return without;
  }

  /** As Istio reads it: {@code appProtocol}, else the port's name up to the first hyphen. */
  static boolean withoutRequests(Spec.TargetedPort port) {
    String protocol = port.port().appProtocol();
    if (protocol.isEmpty()) {
      String name = port.port().name();
      int hyphen = name.indexOf('-');
      protocol = hyphen < 0 ? name : name.substring(0, hyphen);
    }
    return NO_HTTP.contains(protocol.toLowerCase(Locale.ROOT));
  }
}
