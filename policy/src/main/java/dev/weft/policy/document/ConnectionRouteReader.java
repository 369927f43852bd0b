package dev.weft.policy.document;

import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads Gateway API {@code TLSRoute}s and {@code TCPRoute}s: routes of connections.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/reference/spec/">Gateway API, TLSRoute</a>
 */
final class ConnectionRouteReader {
  private static final int MOST_RULES = 1;
  private static final int MOST_HOSTNAMES = 1024;

  private ConnectionRouteReader() {}

  static Spec tls(Fields document, Metadata metadata) {
    Optional<Fields> found = GatewayRoute.spec(document);
    if (found.isEmpty()) {
      return new Spec.Nothing();
    }
    List<Spec.MatchSpec> matches = hostnames(found.get());
    // Earlier versions had them optional.
    boolean required =
        document.text("apiVersion").equals(Optional.of("gateway.networking.k8s.io/v1"));
    if (matches.isEmpty() && required) {
      found.get().problem(Code.MISSING_FIELD, "field \"hostnames\" is missing");
    }
    return read(found.get(), metadata, Route.Layer.TLS, matches);
  }

  static Spec tcp(Fields document, Metadata metadata) {
    Optional<Fields> found = GatewayRoute.spec(document);
    return found.isEmpty()
        ? new Spec.Nothing()
        : read(found.get(), metadata, Route.Layer.TCP, List.of());
  }

  private static Spec read(
      Fields fields, Metadata metadata, Route.Layer layer, List<Spec.MatchSpec> matches) {
    List<Spec.Parent> parents = ParentRefs.read(fields, metadata.namespace());
    fields.notEnforced("useDefaultGateways");
    List<Spec.RuleSpec> rules =
        GatewayRoute.rules(fields, (rule, name) -> rule(rule, name, metadata, matches));
    if (rules.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "a route of connections needs a rule");
    }
    Portability.limit(fields, "rules", MOST_RULES);
    fields.finish();
    return GatewayRoute.of(layer, parents, rules);
  }

  private static Spec.RuleSpec rule(
      Fields fields, String name, Metadata metadata, List<Spec.MatchSpec> matches) {
    List<Spec.BackendRef> backends =
        BackendRefs.read(fields, Optional.empty(), metadata.namespace());
    if (backends.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "field \"backendRefs\" is missing");
    }
    return new Spec.RuleSpec(
        name,
        matches,
        List.of(),
        List.of(),
        backends,
        Optional.empty(),
        Optional.empty(),
        RouteActions.NONE,
        List.of(),
        "",
        fields.place());
  }

  /** A match for each name, so that the precedence sees each on its own. */
  private static List<Spec.MatchSpec> hostnames(Fields fields) {
    List<Spec.MatchSpec> matches = new ArrayList<>();
    for (Fields.Text host : fields.texts("hostnames")) {
      String name = host.value().startsWith("*.") ? host.value().substring(2) : host.value();
      if (!Names.isSubdomain(name) || name.matches("[0-9.]+")) {
        fields.problem(
            Code.BAD_VALUE,
            host,
            "expected a DNS name, or one after \"*.\", found \"" + host.value() + "\"");
      }
      matches.add(
          new Spec.MatchSpec(sni(host.value()), Optional.empty(), Optional.empty(), host.place()));
    }
    Portability.limit(fields, "hostnames", MOST_HOSTNAMES);
    return List.copyOf(matches);
  }

  private static RouteMatch sni(String host) {
    return new RouteMatch(
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        List.of(host));
  }
}
