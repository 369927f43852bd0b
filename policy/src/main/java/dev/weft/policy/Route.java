package dev.weft.policy;

import java.util.List;
import java.util.Optional;

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

  /** Whether it sees requests rather than connections. */
  public boolean seesRequests() {
    return layer.isEmpty() || layer.get() == Layer.HTTP || layer.get() == Layer.GRPC;
  }
}
