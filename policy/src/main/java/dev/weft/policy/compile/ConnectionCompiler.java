package dev.weft.policy.compile;

import dev.weft.policy.ConnectionPool;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How clients connect, by {@code DestinationRule}s. Immutable once compiled. */
final class ConnectionCompiler {
  private final Map<String, List<Pool>> pools = new HashMap<>();

  private ConnectionCompiler() {}

  /** A {@code DestinationRule} of a namespace. */
  private record Pool(String namespace, ConnectionPool pool) {}

  static ConnectionCompiler compile(
      List<Document> documents, ServiceIndex services, List<Diagnostic> diagnostics) {
    ConnectionCompiler compiler = new ConnectionCompiler();
    for (Document document : documents) {
      if (document.spec() instanceof Spec.DestinationRuleSpec spec) {
        compiler.pool(document, spec, services, diagnostics);
      }
    }
    return compiler;
  }

  private void pool(
      Document document,
      Spec.DestinationRuleSpec spec,
      ServiceIndex services,
      List<Diagnostic> diagnostics) {
    Optional<CompiledService> found = services.host(spec.host(), document.namespace());
    found.ifPresent(
        service ->
            pools
                .computeIfAbsent(service.key(), key -> new ArrayList<>())
                .add(
                    new Pool(
                        document.namespace(),
                        new ConnectionPool(
                            document.title(), spec.maxConnections(), spec.connectTimeout()))));
    if (found.isEmpty() && !spec.host().contains("*")) {
      diagnostics.add(
          Code.UNKNOWN_TARGET.at(
              document.place(),
              "there is no Service \"" + spec.host() + "\" in this mesh; the rule has no effect"));
    }
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
