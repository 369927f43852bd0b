package dev.weft.policy.compile;

import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteRule;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.FaultPolicySpec;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts the failures of {@code FaultPolicy}s into the rules that they concern. A policy with matches
 * splits a rule: right before it stands a copy of it that takes those of its requests that match,
 * and fails them. As the first rule that fits decides, no other request goes another way.
 *
 * <p>Of several policies the closest counts: of the rule, of the route, of the port, of the
 * Service; of equally close ones the oldest. A rule that fails requests by itself is left alone.
 * Immutable once compiled.
 */
final class FaultCompiler {
  /** Each splits every rule of its target; without a bound their product would have none. */
  private static final int MOST_PER_TARGET = 16;

  private final Map<String, List<Attached>> byTarget = new HashMap<>();
  private final Set<String> services = new HashSet<>();
  private final Set<String> routes = new HashSet<>();

  private FaultCompiler() {}

  /** A policy at one target. */
  private record Attached(String title, FaultPolicySpec spec) {
    boolean takesEverything() {
      return spec.matches().isEmpty();
    }
  }

  static FaultCompiler compile(
      List<Document> documents, ServiceIndex services, List<Diagnostic> diagnostics) {
    FaultCompiler compiler = new FaultCompiler();
    ServiceTargets targets = new ServiceTargets(services, diagnostics);
    Map<String, Spec.RouteSpec> routes = new HashMap<>();
    for (Document document : documents) {
      if (document.spec() instanceof Spec.RouteSpec spec) {
        routes.put(document.title(), spec);
      }
    }
    for (Document document : documents) {
      if (document.spec() instanceof FaultPolicySpec spec) {
        for (FaultPolicySpec.Target target : spec.targets()) {
          Optional<String> key =
              target.isService()
                  ? targets.find(target.ref(), "nothing fails").map(FaultCompiler::key)
                  : route(target, routes, diagnostics);
          key.ifPresent(
              found -> {
                compiler.remember(target);
                compiler.attach(found, document, target, spec, diagnostics);
              });
        }
      }
    }
    return compiler;
  }

  private static String key(ServiceTargets.Target target) {
    String service = "Service " + target.service().key();
    return target.wholly() ? service : service + " port " + target.ports().first();
  }

  private static Optional<String> route(
      FaultPolicySpec.Target target,
      Map<String, Spec.RouteSpec> routes,
      List<Diagnostic> diagnostics) {
    String title = target.kind() + " " + target.ref().key();
    Spec.RouteSpec spec = routes.get(title);
    Optional<String> rule = target.ref().sectionName();
    if (spec == null) {
      diagnostics.add(
          Code.UNKNOWN_TARGET.at(target.ref().place(), "there is no " + title + "; nothing fails"));
      return Optional.empty();
    }
    Set<String> rules = rule.isPresent() ? ruleNames(spec) : Set.of();
    if (rule.isPresent() && !rules.contains(rule.get())) {
      diagnostics.add(
          Code.UNKNOWN_RULE.at(
              target.ref().place(),
              title
                  + " has no rule \""
                  + rule.get()
                  + "\"; its rules: "
                  + String.join(", ", rules)));
      return Optional.empty();
    }
    return Optional.of(rule.map(name -> title + " rule " + name).orElse(title));
  }

  private static Set<String> ruleNames(Spec.RouteSpec spec) {
    Set<String> names = new TreeSet<>();
    spec.parts().forEach(part -> part.rules().forEach(rule -> names.add(rule.name())));
    return names;
  }

  private void remember(FaultPolicySpec.Target target) {
    if (target.isService()) {
      services.add(target.ref().key());
    } else {
      routes.add(target.kind() + " " + target.ref().key());
    }
  }

  /** Whether any policy is about a service or about one of its routes. */
  boolean concerns(CompiledService service, List<Route> ofService) {
    if (services.contains(service.key())) {
      return true;
    }
    if (routes.isEmpty()) {
      return false;
    }
    for (Route route : ofService) {
      for (RouteRule rule : route.rules()) {
        if (routes.contains(rule.route().orElse(route.name()))) {
          return true;
        }
      }
    }
    return false;
  }

  private void attach(
      String key,
      Document document,
      FaultPolicySpec.Target target,
      FaultPolicySpec spec,
      List<Diagnostic> diagnostics) {
    List<Attached> there = byTarget.computeIfAbsent(key, none -> new ArrayList<>());
    for (Attached other : there) {
      if (other.takesEverything() || other.spec().matches().equals(spec.matches())) {
        diagnostics.add(
            Code.CONFLICT.at(
                target.ref().place(),
                other.title() + " fails these requests already; this one does not count here"));
        return;
      }
    }
    if (there.size() == MOST_PER_TARGET) {
      diagnostics.add(
          Code.TOO_MANY_POLICIES.at(
              target.ref().place(),
              MOST_PER_TARGET + " older policies fail requests here; this one does not count"));
      return;
    }
    there.add(new Attached(document.title(), spec));
  }

  /** Whether anything is to be done on a port that has no route; the policy that says so. */
  Optional<String> first(CompiledService service, int port, String clientNamespace) {
    return of("Service " + service.key() + " port " + port, "Service " + service.key()).stream()
        .filter(
            one ->
                one.takesEverything()
                    || !RuleMatches.of(one.spec().matches(), clientNamespace).isEmpty())
        .map(Attached::title)
        .findFirst();
  }

  /** A rule of a route with what fails of its requests: itself alone when nothing does. */
  List<RouteRule> apply(
      String route, RouteRule rule, CompiledService service, int port, String clientNamespace) {
    RouteActions actions = rule.actions().orElse(RouteActions.NONE);
    if (actions.fault().isPresent()
        || actions.redirect().isPresent()
        || actions.answer().isPresent()) {
      return List.of(rule);
    }
    List<RouteRule> rules = new ArrayList<>();
    // Two policies with the same matches: what the first takes never comes to the second.
    Map<List<RouteMatch>, RouteRule> split = new LinkedHashMap<>();
    for (Attached attached :
        of(
            route + " rule " + rule.name(),
            route,
            "Service " + service.key() + " port " + port,
            "Service " + service.key())) {
      Optional<RouteActions> failing =
          Optional.of(actions.with(actions.retry(), Optional.of(attached.spec().fault())));
      if (attached.takesEverything()) {
        rules.addAll(split.values());
        rules.add(rule.with(rule.matches(), rule.requestTimeout(), rule.backendTimeout(), failing));
        return rules;
      }
      List<RouteMatch> matches =
          RuleMatches.both(
              rule.matches(), RuleMatches.of(attached.spec().matches(), clientNamespace));
      if (!matches.isEmpty()) {
        split.putIfAbsent(
            matches, rule.with(matches, rule.requestTimeout(), rule.backendTimeout(), failing));
      }
    }
    rules.addAll(split.values());
    rules.add(rule);
    return rules;
  }

  private List<Attached> of(String... targets) {
    List<Attached> found = new ArrayList<>();
    for (String target : targets) {
      found.addAll(byTarget.getOrDefault(target, List.of()));
    }
    return found;
  }
}
