package dev.weft.policy.document;

import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads what all of Gateway API's routes have: parents, names of rules, and rules at all. */
final class GatewayRoute {
  private static final int MOST_RULES = 16;
  private static final int MOST_HOSTNAMES = 16;
  private static final int MOST_MATCHES = 128;

  private GatewayRoute() {}

  /** Reads one rule. */
  @FunctionalInterface
  interface RuleReader {
    Spec.RuleSpec read(Fields fields, String name);
  }

  /** The document's {@code spec}; empty, and a problem, when it has none. */
  static Optional<Fields> spec(Fields document) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty() && !document.has("spec")) {
      document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
    }
    return found;
  }

  /** Reads a route of requests. */
  static Spec ofRequests(Fields document, Metadata metadata, Route.Layer layer, RuleReader reader) {
    Optional<Fields> found = spec(document);
    if (found.isEmpty()) {
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    List<Spec.Parent> parents = ParentRefs.read(fields, metadata.namespace());
    if (!fields.texts("hostnames").isEmpty()) {
      fields.problem(
          Code.NOT_ENFORCED,
          "hostnames",
          "a route of a Service takes the calls to that Service's own names; hostnames are ignored");
    }
    Portability.limit(fields, "hostnames", MOST_HOSTNAMES);
    fields.notEnforced("useDefaultGateways");
    List<Spec.RuleSpec> rules = new ArrayList<>();
    if (!fields.has("rules")) {
      rules.add(everything(fields.place()));
    }
    rules.addAll(rules(fields, reader));
    Portability.limit(fields, "rules", MOST_RULES);
    int matches = rules.stream().mapToInt(rule -> rule.matches().size()).sum();
    if (matches > MOST_MATCHES) {
      fields.problem(
          Code.NOT_PORTABLE,
          "rules",
          "have " + matches + " matches; Kubernetes takes at most " + MOST_MATCHES);
    }
    fields.finish();
    return of(layer, parents, rules);
  }

  /** A route of one layer. */
  static Spec of(Route.Layer layer, List<Spec.Parent> parents, List<Spec.RuleSpec> rules) {
    Spec.RoutePart part =
        new Spec.RoutePart(layer, List.copyOf(parents), Spec.Order.PRECEDENCE, List.copyOf(rules));
    return new Spec.RouteSpec(List.of(part), List.of());
  }

  /** Reads the rules; their names are unique. */
  static List<Spec.RuleSpec> rules(Fields fields, RuleReader reader) {
    List<Spec.RuleSpec> rules = new ArrayList<>();
    Map<RouteMatch, String> taken = new HashMap<>();
    Set<String> names = new HashSet<>();
    for (Fields rule : fields.objects("rules")) {
      String name = rule.text("name").orElse(Integer.toString(rules.size()));
      if (!Names.isSubdomain(name)) {
        rule.problem(Code.BAD_VALUE, "name", "expected a DNS name, found \"" + name + "\"");
      }
      Spec.RuleSpec read = reader.read(rule, name);
      rule.finish();
      if (!names.add(name)) {
        rule.problem(Code.BAD_VALUE, "name", "rule \"" + name + "\" stands here twice");
      }
      warnIfUnreachable(rule, read, taken);
      rules.add(read);
    }
    return rules;
  }

  /** What Gateway API puts where a route says nothing about rules. */
  private static Spec.RuleSpec everything(Place place) {
    return new Spec.RuleSpec(
        "0",
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        RouteActions.NONE,
        List.of(),
        "",
        place);
  }

  private static void warnIfUnreachable(
      Fields fields, Spec.RuleSpec rule, Map<RouteMatch, String> taken) {
    List<RouteMatch> matches =
        rule.matches().isEmpty()
            ? List.of(RouteMatch.ANY)
            : rule.matches().stream().map(Spec.MatchSpec::match).toList();
    String first = taken.get(matches.get(0));
    if (first != null && taken.keySet().containsAll(matches)) {
      fields.problem(
          Code.UNREACHABLE_RULE, "rule \"" + first + "\" takes every request of this rule");
    }
    matches.forEach(match -> taken.putIfAbsent(match, rule.name()));
  }
}
