package dev.weft.policy.compile;

import dev.weft.policy.Inbound;
import dev.weft.policy.Route;
import dev.weft.policy.RouteRule;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Weft's own policies on top of what all other documents make of services and workloads. Immutable
 * once compiled.
 */
final class DirectPolicies {
  /** The rule of a port that has no route: every request, to the service itself. */
  private static final RouteRule EVERYTHING =
      new RouteRule(
          "implicit",
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty());

  private final RateLimitCompiler limits;
  private final FaultCompiler faults;
  private final ResilienceCompiler resilience;
  private final TelemetryCompiler telemetry;

  private DirectPolicies(
      RateLimitCompiler limits,
      FaultCompiler faults,
      ResilienceCompiler resilience,
      TelemetryCompiler telemetry) {
    this.limits = limits;
    this.faults = faults;
    this.resilience = resilience;
    this.telemetry = telemetry;
  }

  static DirectPolicies compile(
      List<Document> documents,
      ServiceIndex services,
      TrafficPolicyCompiler policies,
      List<Diagnostic> diagnostics) {
    ResilienceCompiler resilience = ResilienceCompiler.compile(documents, services, diagnostics);
    resilience.compareWith(policies::pool, policies::policies, diagnostics);
    return new DirectPolicies(
        RateLimitCompiler.compile(documents, services, diagnostics),
        FaultCompiler.compile(documents, services, diagnostics),
        resilience,
        TelemetryCompiler.compile(documents, services, diagnostics));
  }

  /** Limits of connections, which a workload's other rules contain, and of requests. */
  RateLimitCompiler limits() {
    return limits;
  }

  /** How workloads are observed. */
  TelemetryCompiler telemetry() {
    return telemetry;
  }

  /** What a workload accepts, with its limits of requests and the way in which it is observed. */
  Inbound on(Inbound accepts, Workload workload) {
    return accepts.with(limits.requests(workload), telemetry.of(workload));
  }

  /** A service as the clients of a namespace treat it. */
  Service on(Service seen, CompiledService service, String clientNamespace) {
    return seen.with(
        resilience.pool(service, seen.pool()),
        routes(seen.routes(), service, clientNamespace),
        resilience.policies(service, seen.policies()),
        limits.ofClients(service));
  }

  private List<Route> routes(List<Route> before, CompiledService service, String clientNamespace) {
    boolean fails = faults.concerns(service, before);
    if (!fails
        && service.ports().stream()
            .allMatch(port -> resilience.defaults(service, port.port()).isEmpty())) {
      return before;
    }
    // Ports with the same rules share a route.
    Map<Route, Set<Integer>> portsOf = new LinkedHashMap<>();
    boolean changed = false;
    for (ServicePort port : service.ports()) {
      Optional<RuleDefaults> defaults = resilience.defaults(service, port.port());
      Optional<Route> route = ofRequests(before, port.port());
      if (route.isEmpty() && fails) {
        route = faults.first(service, port.port(), clientNamespace).map(DirectPolicies::implicit);
      }
      if (route.isEmpty()) {
        route = defaults.map(said -> implicit(said.title()));
      }
      if (route.isPresent() && (fails || defaults.isPresent())) {
        changed = true;
        route = Optional.of(apply(route.get(), defaults, service, port.port(), clientNamespace));
      }
      route
          .filter(Route::seesRequests)
          .ifPresent(
              one ->
                  portsOf.computeIfAbsent(onNoPort(one), key -> new TreeSet<>()).add(port.port()));
    }
    if (!changed) {
      return before;
    }
    List<Route> routes = new ArrayList<>();
    portsOf.forEach(
        (route, ports) ->
            routes.add(
                new Route(
                    route.name(),
                    ports.size() == service.ports().size() ? List.of() : List.copyOf(ports),
                    route.rules(),
                    route.layer())));
    before.stream().filter(route -> !route.seesRequests()).forEach(routes::add);
    return List.copyOf(routes);
  }

  private static Route onNoPort(Route route) {
    return new Route(route.name(), List.of(), route.rules(), route.layer());
  }

  private static Optional<Route> ofRequests(List<Route> routes, int port) {
    return Route.ofRequests(routes, port).stream().findFirst();
  }

  private static Route implicit(String title) {
    return new Route(title, List.of(), List.of(EVERYTHING));
  }

  private Route apply(
      Route route,
      Optional<RuleDefaults> defaults,
      CompiledService service,
      int port,
      String clientNamespace) {
    List<RouteRule> rules = new ArrayList<>();
    for (RouteRule rule : route.rules()) {
      String title = rule.route().orElse(route.name());
      RouteRule complete = defaults.map(said -> said.on(rule)).orElse(rule);
      rules.addAll(faults.apply(title, complete, service, port, clientNamespace));
    }
    return new Route(
        route.name(),
        List.of(),
        List.copyOf(rules),
        // Connections keep a route without this; requests get one of their own.
        route.seesRequests() ? route.layer() : Optional.empty());
  }
}
