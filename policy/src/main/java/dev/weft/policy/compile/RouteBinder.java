package dev.weft.policy.compile;

import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteRule;
import dev.weft.policy.ServicePort;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Finds the services that a route is bound to. Confined to one compilation. */
final class RouteBinder {
  private final ServiceLookups services;
  private final BackendCompiler backends;
  private final List<Diagnostic> diagnostics = new ArrayList<>();
  private final List<RouteBinding> bound = new ArrayList<>();

  private RouteBinder(ServiceLookups services) {
    this.services = services;
    this.backends = new BackendCompiler(services, diagnostics);
  }

  /** Binds one route. */
  static BoundRoute bind(Document document, Spec.RouteSpec spec, ServiceLookups services) {
    RouteBinder binder = new RouteBinder(services);
    binder.bind(document, spec);
    return new BoundRoute(
        List.copyOf(binder.bound), List.copyOf(binder.diagnostics), services.lookups());
  }

  private void bind(Document document, Spec.RouteSpec spec) {
    for (Spec.RoutePart part : spec.parts()) {
      List<RouteBinding.Rule> rules = new ArrayList<>();
      for (Spec.RuleSpec rule : part.rules()) {
        rules.add(rule(document, rule));
      }
      // One binding for each service, however many parents lead to it.
      Map<String, RouteBinding> bindings = new LinkedHashMap<>();
      for (Spec.Parent parent : part.parents()) {
        if (parent instanceof Spec.ParentRef ref) {
          bindPort(document, spec, part, ref, List.copyOf(rules), bindings);
        } else if (parent instanceof Spec.HostRef ref) {
          bindHost(document, spec, part, ref, List.copyOf(rules), bindings);
        }
      }
      bound.addAll(bindings.values());
    }
  }

  private void bindPort(
      Document document,
      Spec.RouteSpec spec,
      Spec.RoutePart part,
      Spec.ParentRef parent,
      List<RouteBinding.Rule> rules,
      Map<String, RouteBinding> bindings) {
    Optional<CompiledService> service = services.key(parent.key());
    if (service.isEmpty()) {
      diagnostics.add(
          Code.UNKNOWN_PARENT.at(
              parent.place(),
              "Service " + parent.key() + " does not exist; the route takes no traffic there"));
      return;
    }
    SortedSet<Integer> ports = ports(service.get(), parent);
    if (ports.isEmpty()) {
      diagnostics.add(
          Code.UNKNOWN_PORT.at(
              parent.place(),
              "Service "
                  + parent.key()
                  + " has no such port; it has "
                  + service.get().portList()
                  + "; the route takes no traffic there"));
      return;
    }
    boolean all = parent.port().isEmpty() && parent.sectionName().isEmpty();
    bindings.merge(
        service.get().key(),
        binding(document, service.get(), spec, part, all, ports, rules),
        RouteBinder::join);
  }

  private void bindHost(
      Document document,
      Spec.RouteSpec spec,
      Spec.RoutePart part,
      Spec.HostRef parent,
      List<RouteBinding.Rule> rules,
      Map<String, RouteBinding> bindings) {
    List<CompiledService> found = services.matching(parent.host(), document.namespace());
    if (found.isEmpty()) {
      diagnostics.add(
          Code.UNKNOWN_PARENT.at(
              parent.place(),
              "no Service is called \"" + parent.host() + "\"; the route takes no traffic there"));
    }
    for (CompiledService service : found) {
      SortedSet<Integer> ports = new TreeSet<>();
      service.ports().forEach(port -> ports.add(port.port()));
      bindings.merge(
          service.key(),
          binding(document, service, spec, part, true, ports, rules),
          RouteBinder::join);
    }
  }

  private static RouteBinding binding(
      Document document,
      CompiledService service,
      Spec.RouteSpec spec,
      Spec.RoutePart part,
      boolean allPorts,
      SortedSet<Integer> ports,
      List<RouteBinding.Rule> rules) {
    return new RouteBinding(
        document.kind(),
        service.key(),
        document.namespace(),
        document.title(),
        part.layer(),
        part.order(),
        allPorts,
        ports,
        spec.exportTo(),
        rules);
  }

  private static RouteBinding join(RouteBinding one, RouteBinding other) {
    SortedSet<Integer> ports = new TreeSet<>(one.ports());
    ports.addAll(other.ports());
    return new RouteBinding(
        one.kind(),
        one.service(),
        one.namespace(),
        one.title(),
        one.layer(),
        one.order(),
        one.allPorts() || other.allPorts(),
        ports,
        one.exportTo(),
        one.rules());
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

  private RouteBinding.Rule rule(Document document, Spec.RuleSpec rule) {
    RouteActions actions = rule.actions();
    RouteActions withMirrors =
        new RouteActions(
            actions.retry(),
            actions.rewrite(),
            backends.mirrors(rule, document.namespace()),
            actions.fault(),
            actions.redirect(),
            actions.answer(),
            actions.cors(),
            actions.session());
    RouteRule template =
        new RouteRule(
            rule.name(),
            List.of(),
            rule.requestHeaders(),
            rule.responseHeaders(),
            backends.backends(rule, document.namespace()),
            rule.requestTimeout(),
            rule.backendTimeout(),
            Optional.empty(),
            withMirrors.equals(RouteActions.NONE) ? Optional.empty() : Optional.of(withMirrors));
    return new RouteBinding.Rule(rule.matches(), template);
  }
}
