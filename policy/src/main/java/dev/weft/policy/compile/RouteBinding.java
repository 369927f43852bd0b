package dev.weft.policy.compile;

import dev.weft.policy.Route;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteRule;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/**
 * A route and the ports of one service that it takes. Immutable.
 *
 * @param service its {@code namespace/name}
 * @param allPorts whether it takes every port, as far as nobody binds more closely
 * @param exportTo namespaces whose clients it may bind; empty: all
 * @param distance 0 where the service is named; more, the more a host's star stands for
 * @param place of the first parent that leads to the service
 */
record RouteBinding(
    Kind kind,
    String service,
    String namespace,
    String title,
    Route.Layer layer,
    Spec.Order order,
    boolean allPorts,
    SortedSet<Integer> ports,
    List<String> exportTo,
    int distance,
    List<Rule> rules,
    Place place) {

  /**
   * One rule with its backends resolved.
   *
   * @param template the rule without its matches
   * @param open the ports of services that backends name without a port
   */
  record Rule(List<Spec.MatchSpec> matches, RouteRule template, Map<String, Set<Integer>> open) {
    private static final Spec.MatchSpec EVERYTHING =
        new Spec.MatchSpec(RouteMatch.ANY, Optional.empty(), Optional.empty(), new Place("", 1, 1));

    /** The matches that concern a port and the clients of a namespace. */
    List<Spec.MatchSpec> matches(int port, String clientNamespace) {
      if (matches.isEmpty()) {
        return List.of(EVERYTHING);
      }
      List<Spec.MatchSpec> found = new ArrayList<>();
      for (Spec.MatchSpec match : matches) {
        boolean portFits = match.port().isEmpty() || match.port().get() == port;
        boolean clientFits =
            match.sourceNamespace().isEmpty()
                || match.sourceNamespace().get().equals(clientNamespace);
        if (portFits && clientFits) {
          found.add(match);
        }
      }
      return found;
    }

    /** The rule as it is for calls to one port. */
    RouteRule with(List<RouteMatch> chosen, Optional<String> route, int port) {
      return CalledPort.of(
          new RouteRule(
              template.name(),
              chosen,
              template.requestHeaders(),
              template.responseHeaders(),
              template.backends(),
              template.requestTimeout(),
              template.backendTimeout(),
              route,
              template.actions()),
          port,
          open);
    }
  }

  /** Whether it speaks for the service itself, to every client. */
  boolean isProducer(CompiledService service) {
    return namespace.equals(service.namespace())
        || (order == Spec.Order.LISTED && MeshCompiler.ROOT_NAMESPACES.contains(namespace));
  }

  /** Whether the clients of all namespaces are treated alike, as far as it goes. */
  boolean sameForAll(CompiledService service) {
    return isProducer(service)
        && exportTo.isEmpty()
        && rules.stream()
            .flatMap(rule -> rule.matches().stream())
            .allMatch(match -> match.sourceNamespace().isEmpty());
  }

  boolean exportedTo(String clientNamespace) {
    return exportTo.isEmpty() || exportTo.contains(clientNamespace);
  }

  /** Whether any rule takes calls of a namespace's clients to a port. */
  boolean takesAny(int port, String clientNamespace) {
    return rules.stream().anyMatch(rule -> !rule.matches(port, clientNamespace).isEmpty());
  }

  /**
   * On one port one kind counts: the lowest. Gateway API's go before Istio's, and hosts that name
   * the service before those with a star.
   */
  int rank() {
    return distance * 100
        + (order == Spec.Order.LISTED ? 10 : 0)
        + switch (layer) {
          case GRPC -> 0;
          case HTTP -> 1;
          case TLS -> 2;
          case TCP -> 3;
        };
  }
}
