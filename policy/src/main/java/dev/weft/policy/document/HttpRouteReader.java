package dev.weft.policy.document;

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

  /** What Gateway API puts where a route says nothing about rules. */
  private static final Spec.HttpRule EVERYTHING =
      new Spec.HttpRule(
          "0", List.of(), List.of(), List.of(), List.of(), Optional.empty(), Optional.empty(), "");

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
    List<Spec.ParentRef> parents = parents(fields, metadata.namespace());
    if (!fields.texts("hostnames").isEmpty()) {
      fields.problem(
          Code.NOT_ENFORCED,
          "hostnames",
          "a route of a Service takes the calls to that Service's own names; hostnames are ignored");
    }
    fields.notEnforced("useDefaultGateways");
    List<Spec.HttpRule> rules = new ArrayList<>();
    if (!fields.has("rules")) {
      rules.add(EVERYTHING);
    }
    Map<RouteMatch, String> taken = new HashMap<>();
    Set<String> names = new HashSet<>();
    for (Fields rule : fields.objects("rules")) {
      Spec.HttpRule read = rule(rule, rules.size(), metadata.namespace());
      if (!names.add(read.name())) {
        rule.problem(Code.BAD_VALUE, "name", "rule \"" + read.name() + "\" stands here twice");
      }
      warnIfUnreachable(rule, read, taken);
      rules.add(read);
    }
    fields.finish();
    return new Spec.HttpRouteSpec(List.copyOf(parents), List.copyOf(rules));
  }

  private static List<Spec.ParentRef> parents(Fields fields, String ownNamespace) {
    List<Spec.ParentRef> parents = new ArrayList<>();
    for (Fields item : fields.objects("parentRefs")) {
      String kind = item.text("kind").orElse("Gateway");
      String group = item.text("group").orElse("");
      String name = item.requiredText("name");
      String namespace = item.text("namespace").orElse(ownNamespace);
      Optional<Integer> port = item.number("port", 1, MAX_PORT);
      Optional<String> sectionName = item.text("sectionName");
      item.finish();
      if (kind.equals("Service") && (group.isEmpty() || group.equals("core"))) {
        parents.add(new Spec.ParentRef(namespace, name, port, sectionName, item.place()));
      } else {
        item.problem(
            Code.NOT_ENFORCED,
            "a parent of kind " + kind + " is not part of the mesh; only Services are");
      }
    }
    if (parents.isEmpty()) {
      fields.problem(
          Code.NOT_ENFORCED, "the route has no parentRef to a Service; it has no effect");
    }
    return parents;
  }

  private static Spec.HttpRule rule(Fields fields, int index, String ownNamespace) {
    String name = fields.text("name").orElse(Integer.toString(index));
    if (!Names.isSubdomain(name)) {
      fields.problem(Code.BAD_VALUE, "name", "expected a DNS name, found \"" + name + "\"");
    }
    List<RouteMatch> matches = new ArrayList<>();
    for (Fields match : fields.objects("matches")) {
      matches.add(HttpMatchReader.read(match));
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
    return new Spec.HttpRule(
        name,
        List.copyOf(matches),
        filters.requestHeaders(),
        filters.responseHeaders(),
        List.copyOf(backends),
        request,
        attempt,
        filters.unsupported());
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
        port.orElse(0),
        weight,
        filters.requestHeaders(),
        filters.responseHeaders(),
        invalid,
        fields.place());
  }

  private static void warnIfUnreachable(
      Fields fields, Spec.HttpRule rule, Map<RouteMatch, String> taken) {
    List<RouteMatch> matches =
        rule.matches().isEmpty() ? List.of(HttpMatchReader.EVERY_REQUEST) : rule.matches();
    String first = taken.get(matches.get(0));
    if (first != null && taken.keySet().containsAll(matches)) {
      fields.problem(
          Code.UNREACHABLE_RULE, "rule \"" + first + "\" takes every request of this rule");
    }
    matches.forEach(match -> taken.putIfAbsent(match, rule.name()));
  }
}
