package dev.weft.policy.compile;

import dev.weft.policy.Route;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Binds routes to services. Immutable once compiled.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-1426/">GEP-1426, mesh routes</a>
 */
final class RouteCompiler {
  private final Map<Reuse.DocumentKey, BoundRoute> bound = new HashMap<>();
  private final Map<String, ServiceRoutes> routes = new HashMap<>();

  private RouteCompiler() {}

  static RouteCompiler compile(
      List<Document> documents,
      ServiceIndex index,
      Map<String, Set<String>> subsets,
      Reuse reuse,
      List<Diagnostic> diagnostics) {
    RouteCompiler compiler = new RouteCompiler();
    Delegates delegates = new Delegates(documents, diagnostics);
    Map<String, List<RouteBinding>> byService = new HashMap<>();
    for (Document document : documents) {
      if (document.spec() instanceof Spec.RouteSpec spec) {
        Reuse.DocumentKey key = new Reuse.DocumentKey(document);
        BoundRoute before = reuse.bound().get(key);
        BoundRoute now;
        if (before != null && before.holds(index, subsets)) {
          now = before;
          compiler.bound.put(key, now);
        } else {
          ServiceLookups lookups = new ServiceLookups(index, subsets);
          now = RouteBinder.bind(document, delegates.resolved(document, spec), lookups);
          if (!Delegates.delegates(spec)) { // else it also depends on other documents
            compiler.bound.put(key, now);
          }
        }
        diagnostics.addAll(now.diagnostics());
        now.bindings()
            .forEach(
                binding ->
                    byService
                        .computeIfAbsent(binding.service(), name -> new ArrayList<>())
                        .add(binding));
      }
    }
    delegates.warnAboutUnused();
    for (CompiledService service : index.all()) {
      List<RouteBinding> bindings = byService.get(service.key());
      if (bindings != null) {
        RouteConflicts.report(service, bindings, diagnostics);
        SharedHosts.report(service, bindings, diagnostics);
        ServiceRoutes before = reuse.routes().get(service.key());
        compiler.routes.put(
            service.key(),
            before != null && before.madeOf(service, bindings)
                ? before
                : new ServiceRoutes(service, bindings));
      }
    }
    return compiler;
  }

  /** The routes that bind the calls of one namespace's clients to a service. */
  List<Route> routes(CompiledService service, String clientNamespace) {
    ServiceRoutes found = routes.get(service.key());
    return found == null ? List.of() : found.of(clientNamespace);
  }

  /** What became of each route, as far as the next compilation may take it over. */
  Map<Reuse.DocumentKey, BoundRoute> bound() {
    return bound;
  }

  /** Routes by the keys of their services. */
  Map<String, ServiceRoutes> routes() {
    return routes;
  }
}
