package dev.weft.policy;

import java.util.List;
import java.util.Optional;

/**
 * A named destination. Immutable.
 *
 * @param name short name, for example {@code pay}
 * @param namespace its namespace
 * @param hosts every name by which this client may call it, lower case, most specific last: {@code
 *     pay}, {@code pay.default}, {@code pay.default.svc}, {@code pay.default.svc.cluster.local}
 * @param virtualAddress stable IPv4 literal in 240.0.0.0/4 that stands for the service where a name
 *     must resolve to an address
 * @param ports its ports; never empty
 * @param endpoints the workloads behind it, for all ports
 * @param pool how this client connects to it; empty: no limits but the defaults
 * @param routes routes that bind this client's calls, most binding first; empty: plain balancing
 */
public record Service(
    String name,
    String namespace,
    List<String> hosts,
    String virtualAddress,
    List<ServicePort> ports,
    List<Endpoint> endpoints,
    Optional<ConnectionPool> pool,
    List<Route> routes) {

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

  /** Kubernetes' {@code namespace/name}. */
  public String key() {
    return namespace + "/" + name;
  }
}
