package dev.weft.policy.compile;

import dev.weft.policy.ConnectionLimit;
import dev.weft.policy.ConnectionPool;
import dev.weft.policy.Endpoint;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** How many connections: limits of servers, pools of clients. Immutable once compiled. */
final class ConnectionCompiler {
  private final List<Limit> limits = new ArrayList<>();
  private final Map<String, List<Pool>> pools = new HashMap<>();

  private ConnectionCompiler() {}

  /** A {@code RateLimitPolicy} and one Service that it names. */
  private record Limit(
      String title,
      CompiledService service,
      Set<Integer> servicePorts,
      Spec.RateLimitPolicySpec spec) {}

  /** A {@code DestinationRule} of a namespace. */
  private record Pool(String namespace, ConnectionPool pool) {}

  static ConnectionCompiler compile(
      List<Document> documents, List<CompiledService> services, List<Diagnostic> diagnostics) {
    Map<String, CompiledService> byKey = new HashMap<>();
    services.forEach(service -> byKey.put(service.key(), service));
    ConnectionCompiler compiler = new ConnectionCompiler();
    for (Document document : documents) {
      if (document.spec() instanceof Spec.RateLimitPolicySpec spec) {
        compiler.limit(document, spec, byKey, diagnostics);
      } else if (document.spec() instanceof Spec.DestinationRuleSpec spec) {
        compiler.pool(document, spec, services, diagnostics);
      }
    }
    return compiler;
  }

  private void limit(
      Document document,
      Spec.RateLimitPolicySpec spec,
      Map<String, CompiledService> services,
      List<Diagnostic> diagnostics) {
    for (Spec.TargetRef target : spec.targets()) {
      CompiledService service = services.get(target.key());
      if (service == null) {
        diagnostics.add(
            Code.UNKNOWN_TARGET.at(
                target.place(), "there is no Service " + target.key() + "; nothing is limited"));
        continue;
      }
      Set<Integer> ports = new TreeSet<>();
      if (target.sectionName().isEmpty()) {
        service.ports().forEach(port -> ports.add(port.port()));
      } else {
        String name = target.sectionName().get();
        service.port(name).ifPresent(port -> ports.add(port.port()));
        if (ports.isEmpty()) {
          diagnostics.add(
              Code.UNKNOWN_PORT.at(
                  target.place(),
                  "Service "
                      + target.key()
                      + " has no port \""
                      + name
                      + "\"; its ports: "
                      + service.portList()));
        }
      }
      limits.add(new Limit(document.title(), service, ports, spec));
    }
  }

  private void pool(
      Document document,
      Spec.DestinationRuleSpec spec,
      List<CompiledService> services,
      List<Diagnostic> diagnostics) {
    boolean found = false;
    for (CompiledService service : services) {
      if (service.hosts(document.namespace()).contains(spec.host())) {
        found = true;
        pools
            .computeIfAbsent(service.key(), key -> new ArrayList<>())
            .add(
                new Pool(
                    document.namespace(),
                    new ConnectionPool(
                        document.title(), spec.maxConnections(), spec.connectTimeout())));
      }
    }
    if (!found && !spec.host().contains("*")) {
      diagnostics.add(
          Code.UNKNOWN_TARGET.at(
              document.place(),
              "there is no Service \"" + spec.host() + "\" in this mesh; the rule has no effect"));
    }
  }

  /** What a workload accepts. */
  List<ConnectionLimit> limits(Workload workload) {
    List<ConnectionLimit> found = new ArrayList<>();
    for (Limit limit : limits) {
      Set<Integer> ports = new TreeSet<>();
      for (Endpoint endpoint : limit.service().endpoints()) {
        if (endpoint.workload().equals(workload.id())
            && limit.servicePorts().contains(endpoint.servicePort())) {
          ports.add(endpoint.port());
        }
      }
      if (!ports.isEmpty()) {
        found.add(
            new ConnectionLimit(
                limit.title(),
                List.copyOf(ports),
                limit.spec().maxConnections(),
                limit.spec().handshakesPerSecond(),
                limit.spec().handshakeBurst()));
      }
    }
    return List.copyOf(found);
  }

  /**
   * How clients of a namespace connect to a service: as a rule of their own namespace says, else
   * one of the service's, else one of the mesh's root.
   */
  Optional<ConnectionPool> pool(CompiledService service, String clientNamespace) {
    List<Pool> candidates = pools.getOrDefault(service.key(), List.of());
    return first(candidates, clientNamespace)
        .or(() -> first(candidates, service.namespace()))
        .or(
            () ->
                candidates.stream()
                    .filter(pool -> MeshCompiler.ROOT_NAMESPACES.contains(pool.namespace()))
                    .map(Pool::pool)
                    .findFirst());
  }

  private static Optional<ConnectionPool> first(List<Pool> candidates, String namespace) {
    return candidates.stream()
        .filter(pool -> pool.namespace().equals(namespace))
        .map(Pool::pool)
        .findFirst();
  }
}
