package dev.weft.policy;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How one client's calls to some ports of a service are routed. Immutable.
 *
 * @param name the documents it comes from: {@code HTTPRoute default/pay-canary}
 * @param ports the service ports it binds; empty: all
 * @param rules in the order in which they are asked: the first that matches decides. The compiler
 *     has applied the precedence of the documents' kind
 * @param layer what the rules see; empty: requests
 */
public record Route(
    String name, List<Integer> ports, List<RouteRule> rules, Optional<Layer> layer) {

  /** What a route decides about. */
  public enum Layer {
    /** HTTP requests. */
    HTTP,
    /** HTTP requests of gRPC: what is rejected is answered in gRPC's way. */
    GRPC,
    /** Connections of the application's own TLS, by the name that it connects to. */
    TLS,
    /** Connections. */
    TCP
  }

  /** A route of HTTP requests. */
  public Route(String name, List<Integer> ports, List<RouteRule> rules) {
    this(name, ports, rules, Optional.empty());
  }

  /**
   * Those of a service's routes that decide about requests to one of its ports: what sees requests,
   * and where nothing does, what takes a connection whatever it carries. A route of TLS concerns
   * connections of the application's own TLS, in which nobody sees requests.
   */
  public static List<Route> ofRequests(List<Route> routes, int port) {
    List<Route> seeing = those(routes, port, Route::seesRequests);
    return seeing.isEmpty()
        ? those(routes, port, route -> route.layer().equals(Optional.of(Layer.TCP)))
        : seeing;
  }

  /** Those that decide about connections to a port, of which nobody sees the requests. */
  public static List<Route> ofConnections(List<Route> routes, int port) {
    return those(routes, port, route -> !route.seesRequests());
  }

  private static List<Route> those(List<Route> routes, int port, Predicate<Route> wanted) {
    return routes.stream().filter(route -> route.binds(port) && wanted.test(route)).toList();
  }

  /** Whether it is for a port of its service. */
  public boolean binds(int port) {
    return ports.isEmpty() || ports.contains(port);
  }

  /** Whether it sees requests rather than connections. */
  public boolean seesRequests() {
    return layer.isEmpty() || layer.get() == Layer.HTTP || layer.get() == Layer.GRPC;
  }
}
