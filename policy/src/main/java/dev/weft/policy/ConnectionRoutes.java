package dev.weft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The rules of connections to one port of a service, with every decision made beforehand.
 * Immutable; thread-safe.
 */
final class ConnectionRoutes {
  private final List<Entry> entries;
  private final Decision otherwise;

  private ConnectionRoutes(List<Entry> entries, Decision otherwise) {
    this.entries = entries;
    this.otherwise = otherwise;
  }

  private record Entry(List<String> names, BackendChoice choice) {
    boolean takes(String name) {
      return fits(names, name);
    }
  }

  /** Whether one of the patterns, or their absence, fits a name in lower case. */
  static boolean fits(List<String> patterns, String name) {
    return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> fits(pattern, name));
  }

  /** A star stands for one label or more, as in Gateway API's hostnames. */
  private static boolean fits(String pattern, String name) {
    return pattern.startsWith("*")
        ? name.length() >= pattern.length() && name.endsWith(pattern.substring(1))
        : pattern.equals(name);
  }

  /** Prepares the routes of a port; arguments as of {@link PortRoutes#of}. */
  static ConnectionRoutes of(
      Service service, int port, Destinations destinations, Map<String, String> ownLabels) {
    List<Entry> entries = new ArrayList<>();
    String routeName = "";
    boolean others = false;
    for (Route route : Route.ofConnections(service.routes(), port)) {
      routeName = routeName.isEmpty() ? route.name() : routeName;
      for (RouteRule rule : route.rules()) {
        String name = rule.route().orElse(route.name()) + " rule " + rule.name();
        BackendChoice choice = BackendChoice.of(name, rule, service, port, destinations);
        List<RouteMatch> any = rule.matches().isEmpty() ? List.of(RouteMatch.ANY) : rule.matches();
        for (RouteMatch match : any) {
          if (ownLabels.entrySet().containsAll(match.sourceLabels().entrySet())) {
            entries.add(new Entry(match.sniHosts(), choice));
          } else {
            others = true;
          }
        }
      }
    }
    return new ConnectionRoutes(
        List.copyOf(entries),
        // Rules that are all for other workloads are no rules for this one.
        routeName.isEmpty() || (entries.isEmpty() && others)
            ? destinations.plain(service, port)
            : new Decision.Reject(
                routeName, 404, "NR", "no rule of a route matches the connection"));
  }

  Decision decide(String name, RandomGenerator dice) {
    if (entries.isEmpty()) {
      return otherwise;
    }
    String canonical = canonical(name);
    for (Entry entry : entries) {
      if (entry.takes(canonical)) {
        return entry.choice().choose(dice);
      }
    }
    return otherwise;
  }

  /** Names have no case. */
  static String canonical(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
