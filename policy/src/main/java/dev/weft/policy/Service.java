package dev.weft.policy;

import java.util.List;
import java.util.Optional;

/**
 * A named destination. Immutable.
 *
 * @param name short name, for example {@code pay}
 * @param namespace its namespace
 * @param hosts every name by which this client may call it, lower case, most specific last: {@code
 *     pay}, {@code pay.default}, {@code pay.default.svc}, {@code pay.default.svc.cluster.local}; a
 *     name that begins with {@code *.} stands for every name that ends so
 * @param virtualAddress stable IPv4 literal in 240.0.0.0/4 that stands for the service where a name
 *     must resolve to an address; empty: its names are left to DNS
 * @param ports its ports; never empty
 * @param endpoints the workloads behind it, for all ports
 * @param pool how this client connects to it; empty: no limits but the defaults
 * @param routes routes that bind this client's calls, at most one of requests and one of
 *     connections for a port; empty: plain balancing
 * @param policies how this client treats it; the ones with ports first
 * @param subsets its named parts
 * @param external whether it is outside the mesh and reached as the application would reach it;
 *     empty: no
 * @param requestLimits how many requests this client sends it; all of them hold
 */
public record Service(
    String name,
    String namespace,
    List<String> hosts,
    String virtualAddress,
    List<ServicePort> ports,
    List<Endpoint> endpoints,
    Optional<ConnectionPool> pool,
    List<Route> routes,
    List<TrafficPolicy> policies,
    List<Subset> subsets,
    Optional<External> external,
    List<RequestLimit> requestLimits) {

  /**
   * A service outside the mesh ({@code ServiceEntry} with {@code MESH_EXTERNAL}).
   *
   * @param resolution how its addresses are found
   */
  public record External(Resolution resolution) {}

  /** How a service's addresses are found. */
  public enum Resolution {
    /** By its endpoints in the document. */
    STATIC,
    /** By the application's DNS. */
    DNS,
    /** It is whatever address the application connects to. */
    NONE
  }

  /** A service to which this client sends as many requests as it likes. */
  public Service(
      String name,
      String namespace,
      List<String> hosts,
      String virtualAddress,
      List<ServicePort> ports,
      List<Endpoint> endpoints,
      Optional<ConnectionPool> pool,
      List<Route> routes,
      List<TrafficPolicy> policies,
      List<Subset> subsets,
      Optional<External> external) {
    this(
        name,
        namespace,
        hosts,
        virtualAddress,
        ports,
        endpoints,
        pool,
        routes,
        policies,
        subsets,
        external,
        List.of());
  }

  /** A service whose clients treat it by the defaults, but for its pool. */
  public Service(
      String name,
      String namespace,
      List<String> hosts,
      String virtualAddress,
      List<ServicePort> ports,
      List<Endpoint> endpoints,
      Optional<ConnectionPool> pool,
      List<Route> routes) {
    this(
        name,
        namespace,
        hosts,
        virtualAddress,
        ports,
        endpoints,
        pool,
        routes,
        List.of(),
        List.of(),
        Optional.empty());
  }

  /** A service to which clients connect by the defaults. */
  public Service(
      String name,
      String namespace,
      List<String> hosts,
      String virtualAddress,
      List<ServicePort> ports,
      List<Endpoint> endpoints,
      List<Route> routes) {
    this(name, namespace, hosts, virtualAddress, ports, endpoints, Optional.empty(), routes);
  }

  /** Whether routes decide about its connections rather than about requests. */
  public boolean routesConnections() {
    for (Route route : routes) {
      if (!route.seesRequests()) {
        return true;
      }
    }
    return false;
  }

  /** The same, treated like this. */
  public Service with(
      Optional<ConnectionPool> connecting,
      List<Route> routed,
      List<TrafficPolicy> treated,
      List<RequestLimit> limited) {
    return new Service(
        name,
        namespace,
        hosts,
        virtualAddress,
        ports,
        endpoints,
        connecting,
        routed,
        treated,
        subsets,
        external,
        limited);
  }

  /** Kubernetes' {@code namespace/name}. */
  public String key() {
    return namespace + "/" + name;
  }
}
