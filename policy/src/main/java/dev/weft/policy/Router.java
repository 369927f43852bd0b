package dev.weft.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides where calls go. Built once per snapshot: routes are sorted by Gateway API's precedence
 * and every possible decision is made beforehand, so that a decision costs neither the number of
 * services nor that of endpoints, and allocates nothing. Immutable; thread-safe.
 *
 * <p>Paths are compared as they were sent, without normalisation: a route may send a request to the
 * wrong version, but it never grants anything.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-1426/">GEP-1426, mesh routes</a>
 */
public final class Router {
  private static final Decision NO_SERVICE = new Decision.PassThrough("no-service");

  private final Map<String, Target> byHost = new HashMap<>();

  /**
   * Indexes a snapshot's services.
   *
   * @throws RuntimeException when an expression of a route is not RE2; the snapshot is unusable
   */
  public Router(Snapshot snapshot) {
    Map<String, Service> byKey = new HashMap<>();
    snapshot.services().forEach(service -> byKey.put(service.key(), service));
    for (Service service : snapshot.services()) {
      Target target = Target.of(service, byKey);
      service.hosts().forEach(host -> byHost.putIfAbsent(host, target));
      byHost.putIfAbsent(service.virtualAddress(), target);
    }
  }

  /** Pure: the same call, snapshot and dice always give the same decision. */
  public Decision decide(Call call, RandomGenerator dice) {
    Target target = target(call.host());
    if (target == null) {
      return NO_SERVICE;
    }
    PortRoutes port = target.port(call.port());
    return port == null ? target.noPort(call.port()) : port.decide(call, dice);
  }

  private @Nullable Target target(String host) {
    Target exact = byHost.get(host);
    if (exact != null) {
      return exact;
    }
    // RFC 9110: hosts have no case. A trailing dot marks a name as complete already.
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) >= 'A' && name.charAt(i) <= 'Z') {
        return byHost.get(name.toLowerCase(Locale.ROOT));
      }
    }
    return name.length() == host.length() ? null : byHost.get(name);
  }

  /** A service with its ports; the arrays run in parallel, for want of maps of plain numbers. */
  private static final class Target {
    private final Service service;
    private final int[] numbers;
    private final PortRoutes[] routes;

    private Target(Service service, int[] numbers, PortRoutes[] routes) {
      this.service = service;
      this.numbers = numbers;
      this.routes = routes;
    }

    static Target of(Service service, Map<String, Service> services) {
      int[] numbers = service.ports().stream().mapToInt(ServicePort::port).toArray();
      PortRoutes[] routes = new PortRoutes[numbers.length];
      for (int i = 0; i < numbers.length; i++) {
        routes[i] = PortRoutes.of(service, numbers[i], services);
      }
      return new Target(service, numbers, routes);
    }

    @Nullable PortRoutes port(int number) {
      for (int i = 0; i < numbers.length; i++) {
        if (numbers[i] == number) {
          return routes[i];
        }
      }
      return null;
    }

    Decision noPort(int number) {
      List<String> ports = new ArrayList<>();
      service.ports().forEach(port -> ports.add(Integer.toString(port.port())));
      return new Decision.Reject(
          "no-port",
          503,
          "NR",
          "Service "
              + service.key()
              + " has no port "
              + number
              + "; it has "
              + String.join(", ", ports));
    }
  }

  /** The routes of one port of a service, most binding match first. */
  private record PortRoutes(List<RouteEntry> entries, Decision otherwise) {

    static PortRoutes of(Service service, int port, Map<String, Service> services) {
      List<RouteEntry> entries = new ArrayList<>();
      @Nullable String first = null;
      for (Route route : service.routes()) {
        if (!route.ports().isEmpty() && !route.ports().contains(port)) {
          continue;
        }
        first = first == null ? route.name() : first;
        for (RouteRule rule : route.rules()) {
          BackendChoice choice = BackendChoice.of(route, rule, service, port, services);
          for (RouteMatch match : rule.matches()) {
            entries.add(new RouteEntry(RequestMatcher.of(match), choice));
          }
          if (rule.matches().isEmpty()) {
            entries.add(new RouteEntry(RequestMatcher.EVERY_REQUEST, choice));
          }
        }
      }
      // The sort is stable: what the precedence leaves open goes by order of routes and rules.
      entries.sort((a, b) -> RequestMatcher.PRECEDENCE.compare(a.matcher(), b.matcher()));
      Decision otherwise =
          first == null
              ? BackendChoice.plain("no-route", service, port)
              : new Decision.Reject(first, 404, "NR", "no rule of a route matches the request");
      return new PortRoutes(List.copyOf(entries), otherwise);
    }

    Decision decide(Call call, RandomGenerator dice) {
      if (entries.isEmpty()) {
        return otherwise;
      }
      String target = call.pathAndQuery();
      for (int i = 0; i < entries.size(); i++) {
        RouteEntry entry = entries.get(i);
        if (entry.matcher().matches(call, target)) {
          return entry.choice().choose(dice);
        }
      }
      return otherwise;
    }
  }

  private record RouteEntry(RequestMatcher matcher, BackendChoice choice) {}
}
