package dev.weft.policy.compile;

import dev.weft.policy.Route;
import dev.weft.policy.RouteRule;
import dev.weft.policy.ServicePort;
import dev.weft.policy.WeightedBackend;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Binds routes to services and resolves their backends. Immutable once compiled.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-1426/">GEP-1426, mesh routes</a>
 */
final class RouteCompiler {
  private final Map<String, List<Binding>> byService = new HashMap<>();

  private RouteCompiler() {}

  /**
   * A route and the ports of one service that it takes.
   *
   * @param allPorts whether it takes every port, as far as nobody binds more closely
   */
  private record Binding(
      String namespace,
      String name,
      boolean allPorts,
      SortedSet<Integer> ports,
      List<RouteRule> rules) {}

  static RouteCompiler compile(
      List<Document> documents, List<CompiledService> services, List<Diagnostic> diagnostics) {
    Map<String, CompiledService> byKey = new HashMap<>();
    services.forEach(service -> byKey.put(service.key(), service));
    RouteCompiler compiler = new RouteCompiler();
    for (Document document : documents) {
      if (document.spec() instanceof Spec.HttpRouteSpec spec) {
        compiler.bind(document, spec, byKey, diagnostics);
      }
    }
    return compiler;
  }

  /** The routes that bind the calls of one namespace's clients to a service. */
  List<Route> routes(CompiledService service, String clientNamespace) {
    List<Binding> bindings = byService.getOrDefault(service.key(), List.of());
    List<Route> routes = new ArrayList<>();
    Set<Integer> taken = new TreeSet<>();
    for (Binding binding : bindings) {
      boolean consumer = !binding.namespace().equals(service.namespace());
      if (consumer && binding.namespace().equals(clientNamespace)) {
        taken.addAll(binding.ports());
        routes.add(route(binding, binding.ports()));
      }
    }
    for (Binding binding : bindings) {
      if (binding.namespace().equals(service.namespace())) {
        SortedSet<Integer> left = new TreeSet<>(binding.ports());
        left.removeAll(taken);
        if (!left.isEmpty()) {
          routes.add(route(binding, left));
        }
      }
    }
    return List.copyOf(routes);
  }

  private static Route route(Binding binding, SortedSet<Integer> ports) {
    boolean all = binding.allPorts() && ports.size() == binding.ports().size();
    return new Route(binding.name(), all ? List.of() : List.copyOf(ports), binding.rules());
  }

  private void bind(
      Document document,
      Spec.HttpRouteSpec spec,
      Map<String, CompiledService> services,
      List<Diagnostic> diagnostics) {
    List<RouteRule> rules = new ArrayList<>();
    for (Spec.HttpRule rule : spec.rules()) {
      rules.add(rule(rule, services, diagnostics));
    }
    // One binding for each service, however many parentRefs lead to it.
    Map<String, Binding> bindings = new LinkedHashMap<>();
    for (Spec.ParentRef parent : spec.parents()) {
      CompiledService service = services.get(parent.key());
      if (service == null) {
        diagnostics.add(
            Code.UNKNOWN_PARENT.at(
                parent.place(),
                "Service " + parent.key() + " does not exist; the route takes no traffic there"));
        continue;
      }
      SortedSet<Integer> ports = ports(service, parent);
      if (ports.isEmpty()) {
        diagnostics.add(
            Code.UNKNOWN_PORT.at(
                parent.place(),
                "Service "
                    + parent.key()
                    + " has no such port; it has "
                    + service.portList()
                    + "; the route takes no traffic there"));
        continue;
      }
      boolean all = parent.port().isEmpty() && parent.sectionName().isEmpty();
      bindings.merge(
          service.key(),
          new Binding(document.namespace(), document.title(), all, ports, List.copyOf(rules)),
          RouteCompiler::join);
    }
    bindings.forEach(
        (key, binding) -> byService.computeIfAbsent(key, k -> new ArrayList<>()).add(binding));
  }

  private static Binding join(Binding one, Binding other) {
    SortedSet<Integer> ports = new TreeSet<>(one.ports());
    ports.addAll(other.ports());
    return new Binding(
        one.namespace(), one.name(), one.allPorts() || other.allPorts(), ports, one.rules());
  }

  private static SortedSet<Integer> ports(CompiledService service, Spec.ParentRef parent) {
    SortedSet<Integer> ports = new TreeSet<>();
    for (ServicePort port : service.ports()) {
      boolean numberFits = parent.port().isEmpty() || parent.port().get() == port.port();
      boolean nameFits =
          parent.sectionName().isEmpty() || parent.sectionName().get().equals(port.name());
      if (numberFits && nameFits) {
        ports.add(port.port());
      }
    }
    return ports;
  }

  private static RouteRule rule(
      Spec.HttpRule rule, Map<String, CompiledService> services, List<Diagnostic> diagnostics) {
    List<WeightedBackend> backends = new ArrayList<>();
    if (!rule.invalid().isEmpty()) {
      backends.add(new WeightedBackend("", 0, 1, Map.of(), rule.invalid(), List.of(), List.of()));
    }
    for (Spec.BackendRef ref : rule.backends()) {
      String invalid = ref.invalid();
      if (invalid.isEmpty()) {
        invalid = deadReference(ref, services);
        if (!invalid.isEmpty()) {
          Code code = services.containsKey(ref.key()) ? Code.UNKNOWN_PORT : Code.UNKNOWN_BACKEND;
          diagnostics.add(code.at(ref.place(), invalid + "; its requests get 500"));
        }
      }
      if (rule.invalid().isEmpty()) {
        backends.add(
            new WeightedBackend(
                ref.key(),
                ref.port(),
                ref.weight(),
                Map.of(),
                invalid,
                ref.requestHeaders(),
                ref.responseHeaders()));
      }
    }
    return new RouteRule(
        rule.name(),
        rule.matches(),
        rule.requestHeaders(),
        rule.responseHeaders(),
        List.copyOf(backends),
        rule.requestTimeout(),
        rule.backendTimeout());
  }

  /** Why a reference leads nowhere; empty when it leads somewhere. */
  private static String deadReference(Spec.BackendRef ref, Map<String, CompiledService> services) {
    CompiledService service = services.get(ref.key());
    if (service == null) {
      return "Service " + ref.key() + " does not exist";
    }
    return service.port(ref.port()).isPresent()
        ? ""
        : "Service " + ref.key() + " has no port " + ref.port() + "; it has " + service.portList();
  }
}
