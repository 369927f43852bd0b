package dev.weft.policy.compile;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Spec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Says which routes lose a port to a route of another kind: on one port of a Service the GRPCRoutes
 * count, else the HTTPRoutes, the TLSRoutes, the TCPRoutes, the VirtualServices. Stateless.
 */
final class RouteConflicts {
  private RouteConflicts() {}

  static void report(
      CompiledService service, List<RouteBinding> bindings, List<Diagnostic> diagnostics) {
    if (bindings.size() < 2
        || bindings.stream().mapToInt(RouteBinding::rank).distinct().count() < 2) {
      return; // nearly always, and looking at all pairs would cost
    }
    Set<String> reported = new HashSet<>();
    for (RouteBinding loser : bindings) {
      for (RouteBinding winner : bindings) {
        SortedSet<Integer> ports = contested(service, loser, winner);
        if (!ports.isEmpty() && reported.add(loser.title())) {
          diagnostics.add(
              Code.CONFLICT.at(
                  loser.place(),
                  loser.title()
                      + " takes no traffic of "
                      + ports(service, ports)
                      + " of Service "
                      + service.key()
                      + ": "
                      + winner.title()
                      + " binds it and goes before "
                      + loser.kind().text()
                      + "s"));
        }
      }
    }
  }

  /** The ports that the one loses to the other. */
  private static SortedSet<Integer> contested(
      CompiledService service, RouteBinding loser, RouteBinding winner) {
    SortedSet<Integer> ports = new TreeSet<>(loser.ports());
    ports.retainAll(winner.ports());
    boolean sameClients =
        loser.isProducer(service)
            ? winner.isProducer(service)
            : !winner.isProducer(service) && winner.namespace().equals(loser.namespace());
    // Which part of a VirtualService counts is a matter of its ports, not of its kind.
    boolean bothListed = loser.order() == Spec.Order.LISTED && winner.order() == loser.order();
    return sameClients && !bothListed && winner.rank() < loser.rank() ? ports : new TreeSet<>();
  }

  private static String ports(CompiledService service, SortedSet<Integer> ports) {
    List<String> texts = ports.stream().map(String::valueOf).toList();
    return service.ports().size() == ports.size()
        ? "any port"
        : (texts.size() == 1 ? "port " : "ports ") + String.join(", ", texts);
  }
}
