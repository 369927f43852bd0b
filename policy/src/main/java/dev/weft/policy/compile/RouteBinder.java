package dev.weft.policy.compile;

import dev.weft.policy.RouteActions;
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
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Finds the services that a route is bound to. Confined to one compilation. */
final class RouteBinder {
  private static final int LONGEST_HOST = 256;

  private final ServiceLookups services;
  private final HostLint hostLint;
  private final BackendCompiler backends;
  private final List<Diagnostic> diagnostics = new ArrayList<>();
  private final List<RouteBinding> bound = new ArrayList<>();

  private RouteBinder(ServiceLookups services) {
    this.services = services;
    this.hostLint = new HostLint(services, diagnostics);
    this.backends = new BackendCompiler(services, diagnostics);
  }

  /** Binds one route. */
  static BoundRoute bind(Document document, Spec.RouteSpec spec, ServiceLookups services) {
    RouteBinder binder = new RouteBinder(services);
    binder.bind(document, spec);
    return new BoundRoute(
        List.copyOf(binder.bound),
        List.copyOf(binder.diagnostics),
        services.lookups(),
        services.subsetLookups());
  }

  private void bind(Document document, Spec.RouteSpec spec) {
    for (Spec.RoutePart part : spec.parts()) {
      if (part.order() == Spec.Order.LISTED && part.parents().isEmpty()) {
        continue; // what is wrong with a delegate is said where others delegate to it
      }
      List<RouteBinding.Rule> rules = new ArrayList<>();
      for (Spec.RuleSpec rule : part.rules()) {
        rules.add(rule(document, rule));
      }
      // One binding for each service, however many parents lead to it.
      Map<String, RouteBinding> bindings = new LinkedHashMap<>();
      for (Spec.Parent parent : part.parents()) {
        if (parent instanceof Spec.ParentRef ref) {
          bindPort(document, spec, part, ref, List.copyOf(rules), bindings);
        } else if (parent instanceof Spec.EntryRef ref) {
          bindEntry(document, spec, part, ref, List.copyOf(rules), bindings);
        } else if (parent instanceof Spec.HostRef ref) {
          bindHost(document, spec, part, ref, List.copyOf(rules), bindings);
        }
      }
      bound.addAll(bindings.values());
      for (int i = 0; i < rules.size(); i++) {
        warnOfBackendsOutside(part.rules().get(i), rules.get(i).template(), bindings.keySet());
      }
    }
  }

  /**
   * A service whose addresses only the application's DNS knows is reached by calls to itself alone:
   * the router refuses to send others there.
   */
  private void warnOfBackendsOutside(Spec.RuleSpec spec, RouteRule rule, Set<String> parents) {
    if (spec.backends().size() != rule.backends().size()) {
      return; // a rule that answers with an error whatever its backends
    }
    for (int i = 0; i < rule.backends().size(); i++) {
      String key = rule.backends().get(i).service();
      Optional<CompiledService> service = services.key(key);
      if (rule.backends().get(i).invalid().isEmpty()
          && service.isPresent()
          && service.get().leftToDns()
          && !parents.contains(key)) {
        diagnostics.add(
            Code.UNKNOWN_BACKEND.at(
                spec.backends().get(i).place(),
                "Service "
                    + key
                    + " is outside the mesh and reached by its own name only;"
                    + " its requests get 500"));
      }
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
    bindPorts(
        document,
        spec,
        part,
        service.get(),
        parent.port(),
        parent.sectionName(),
        parent,
        rules,
        bindings);
  }

  private void bindEntry(
      Document document,
      Spec.RouteSpec spec,
      Spec.RoutePart part,
      Spec.EntryRef parent,
      List<RouteBinding.Rule> rules,
      Map<String, RouteBinding> bindings) {
    List<CompiledService> hosts = services.declaredBy("ServiceEntry " + parent.key());
    if (hosts.isEmpty()) {
      diagnostics.add(
          Code.UNKNOWN_PARENT.at(
              parent.place(),
              "ServiceEntry "
                  + parent.key()
                  + " does not exist; the route takes no traffic there"));
    }
    for (CompiledService service : hosts) {
      bindPorts(
          document,
          spec,
          part,
          service,
          parent.port(),
          parent.sectionName(),
          parent,
          rules,
          bindings);
    }
  }

  private void bindPorts(
      Document document,
      Spec.RouteSpec spec,
      Spec.RoutePart part,
      CompiledService service,
      Optional<Integer> port,
      Optional<String> sectionName,
      Spec.Parent parent,
      List<RouteBinding.Rule> rules,
      Map<String, RouteBinding> bindings) {
    SortedSet<Integer> ports = ports(service, port, sectionName);
    if (ports.isEmpty()) {
      diagnostics.add(
          Code.UNKNOWN_PORT.at(
              parent.place(),
              "Service "
                  + service.key()
                  + " has no such port; it has "
                  + service.portList()
                  + "; the route takes no traffic there"));
      return;
    }
    boolean all = port.isEmpty() && sectionName.isEmpty();
    bindings.merge(
        service.key(),
        binding(document, service, spec, part, parent, all, ports, rules),
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
    hostLint.check(document, part, parent, found);
    for (CompiledService service : found) {
      SortedSet<Integer> ports = PortProtocols.ports(service, part.layer());
      if (!ports.isEmpty()) {
        bindings.merge(
            service.key(),
            binding(document, service, spec, part, parent, true, ports, rules),
            RouteBinder::join);
      }
    }
  }

  private static RouteBinding binding(
      Document document,
      CompiledService service,
      Spec.RouteSpec spec,
      Spec.RoutePart part,
      Spec.Parent parent,
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
        distance(parent),
        rules,
        parent.place());
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
        Math.min(one.distance(), other.distance()),
        one.rules(),
        one.distance() <= other.distance() ? one.place() : other.place());
  }

  private static int distance(Spec.Parent parent) {
    return parent instanceof Spec.HostRef ref && ref.host().startsWith("*")
        ? LONGEST_HOST - ref.host().length()
        : 0;
  }

  private static SortedSet<Integer> ports(
      CompiledService service, Optional<Integer> number, Optional<String> name) {
    SortedSet<Integer> ports = new TreeSet<>();
    for (ServicePort port : service.ports()) {
      boolean numberFits = number.isEmpty() || number.get() == port.port();
      boolean nameFits = name.isEmpty() || name.get().equals(port.name());
      if (numberFits && nameFits) {
        ports.add(port.port());
      }
    }
    return ports;
  }

  private RouteBinding.Rule rule(Document document, Spec.RuleSpec rule) {
    RouteActions withMirrors =
        rule.actions().withMirrors(backends.mirrors(rule.mirrors(), document.namespace()));
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
    return new RouteBinding.Rule(rule.matches(), template, openPorts(template));
  }

  /** The ports of services that backends and mirrors name without one. */
  private Map<String, Set<Integer>> openPorts(RouteRule rule) {
    List<WeightedBackend> all = new ArrayList<>(rule.backends());
    rule.actions()
        .ifPresent(actions -> actions.mirrors().forEach(mirror -> all.add(mirror.backend())));
    Map<String, Set<Integer>> open = new HashMap<>();
    for (WeightedBackend backend : all) {
      if (CalledPort.isOpen(backend)) {
        Set<Integer> ports = new TreeSet<>();
        services
            .key(backend.service())
            .ifPresent(service -> service.ports().forEach(port -> ports.add(port.port())));
        open.put(backend.service(), ports);
      }
    }
    return Map.copyOf(open);
  }
}
