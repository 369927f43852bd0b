package dev.weft.policy.document;

import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads Gateway API {@code HTTPRoute}s.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/reference/spec/">Gateway API, HTTPRoute</a>
 */
final class HttpRouteReader {
  private static final int MAX_PORT = 65_535;
  private static final int MAX_WEIGHT = 1_000_000;

  private HttpRouteReader() {}

  static Spec read(Fields document, Metadata metadata) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
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
    fields.notEnforced("useDefaultGateways");
    List<Spec.RuleSpec> rules = new ArrayList<>();
    if (!fields.has("rules")) {
      rules.add(everything(fields.place()));
    }
    Map<RouteMatch, String> taken = new HashMap<>();
    Set<String> names = new HashSet<>();
    for (Fields rule : fields.objects("rules")) {
      Spec.RuleSpec read = rule(rule, rules.size(), metadata.namespace());
      if (!names.add(read.name())) {
        rule.problem(Code.BAD_VALUE, "name", "rule \"" + read.name() + "\" stands here twice");
      }
      warnIfUnreachable(rule, read, taken);
      rules.add(read);
    }
    fields.finish();
    Spec.RoutePart part =
        new Spec.RoutePart(
            Route.Layer.HTTP, List.copyOf(parents), Spec.Order.PRECEDENCE, List.copyOf(rules));
    return new Spec.RouteSpec(List.of(part), List.of());
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

  private static Spec.RuleSpec rule(Fields fields, int index, String ownNamespace) {
    String name = fields.text("name").orElse(Integer.toString(index));
    if (!Names.isSubdomain(name)) {
      fields.problem(Code.BAD_VALUE, "name", "expected a DNS name, found \"" + name + "\"");
    }
    List<Spec.MatchSpec> matches = new ArrayList<>();
    for (Fields match : fields.objects("matches")) {
      RouteMatch read = HttpMatchReader.read(match);
      matches.add(new Spec.MatchSpec(read, Optional.empty(), Optional.empty(), match.place()));
    }
    HttpFilters filters = HttpFilters.read(fields);
    List<Spec.BackendRef> backends = new ArrayList<>();
    for (Fields backend : fields.objects("backendRefs")) {
      backends.add(backend(backend, ownNamespace));
    }
    Optional<Duration> request = Optional.empty();
    Optional<Duration> attempt = Optional.empty();
    Optional<Fields> timeouts = fields.object("timeouts");
    if (timeouts.isPresent()) {
      request = timeout(timeouts.get(), "request");
      attempt = timeout(timeouts.get(), "backendRequest");
      if (request.isPresent()
          && attempt.isPresent()
          && attempt.get().compareTo(request.get()) > 0) {
        timeouts
            .get()
            .problem(
                Code.BAD_VALUE, "backendRequest", "one attempt cannot last longer than request");
      }
      timeouts.get().finish();
    }
    fields.notEnforced("retry", "sessionPersistence");
    fields.finish();
    return new Spec.RuleSpec(
        name,
        List.copyOf(matches),
        filters.requestHeaders(),
        filters.responseHeaders(),
        List.copyOf(backends),
        request,
        attempt,
        RouteActions.NONE,
        List.of(),
        filters.unsupported(),
        fields.place());
  }

  /** A timeout of zero is none at all. */
  private static Optional<Duration> timeout(Fields fields, String name) {
    Optional<String> text = fields.text(name);
    Optional<Duration> duration = text.flatMap(Durations::parse);
    if (text.isPresent() && duration.isEmpty()) {
      fields.problem(
          Code.BAD_VALUE,
          name,
          "expected a duration such as 250ms or 1m30s, found \"" + text.get() + "\"");
    }
    return duration.filter(d -> !d.isZero());
  }

  private static Spec.BackendRef backend(Fields fields, String ownNamespace) {
    String kind = fields.text("kind").orElse("Service");
    String group = fields.text("group").orElse("");
    String name = fields.requiredText("name");
    String namespace = fields.text("namespace").orElse(ownNamespace);
    Optional<Integer> port = fields.number("port", 1, MAX_PORT);
    int weight = fields.number("weight", 0, MAX_WEIGHT).orElse(1);
    HttpFilters filters = HttpFilters.read(fields);
    String invalid = filters.unsupported();
    if (!kind.equals("Service") || !(group.isEmpty() || group.equals("core"))) {
      invalid = "backends of kind " + kind + " are not supported";
      fields.problem(Code.UNKNOWN_BACKEND, invalid + "; its requests get 500");
    } else if (port.isEmpty() && !fields.has("port")) {
      fields.problem(Code.MISSING_FIELD, "field \"port\" is missing");
    }
    fields.finish();
    return new Spec.BackendRef(
        namespace,
        name,
        "",
        port.orElse(0),
        weight,
        Optional.empty(),
        filters.requestHeaders(),
        filters.responseHeaders(),
        invalid,
        fields.place());
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
