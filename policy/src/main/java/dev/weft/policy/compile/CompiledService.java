package dev.weft.policy.compile;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import java.util.List;
import java.util.Optional;

/**
 * A service as every client sees it; what depends on the client is its hosts and routes. Immutable.
 *
 * @param key its {@code namespace/name}, which is asked for all the time
 * @param name of a {@code ServiceEntry} its first host; other names have no dots
 * @param origin the title of the document that declares it; empty: workloads imply it
 * @param external see {@link Service}
 * @param ownHosts names that it is called by whatever its own; empty: by name and namespace
 * @param exportTo namespaces whose clients may call it; empty: all
 */
record CompiledService(
    String key,
    String namespace,
    String name,
    String virtualAddress,
    List<ServicePort> ports,
    List<Endpoint> endpoints,
    String origin,
    Optional<Service.External> external,
    List<String> ownHosts,
    List<String> exportTo) {

  /** Whether everything but its endpoints is the same, which is all that routes look at. */
  @SuppressWarnings("ReferenceEquality") // for speed only
  boolean sameShape(CompiledService other) {
    return this == other
        || (namespace.equals(other.namespace)
            && name.equals(other.name)
            && ports.equals(other.ports)
            && origin.equals(other.origin)
            && external.equals(other.external)
            && ownHosts.equals(other.ownHosts));
  }

  /** Whether only the application's own DNS, or the application itself, knows its addresses. */
  boolean leftToDns() {
    return external.isPresent() && external.get().resolution() != Service.Resolution.STATIC;
  }

  /** Every name by which clients of a namespace may call it. */
  List<String> hosts(String clientNamespace) {
    if (!ownHosts.isEmpty()) {
      return ownHosts;
    }
    String qualified = name + "." + namespace;
    return clientNamespace.equals(namespace)
        ? List.of(name, qualified, qualified + ".svc", qualified + ".svc.cluster.local")
        : List.of(qualified, qualified + ".svc", qualified + ".svc.cluster.local");
  }

  Optional<ServicePort> port(int number) {
    return ports.stream().filter(port -> port.port() == number).findFirst();
  }

  Optional<ServicePort> port(String portName) {
    return ports.stream().filter(port -> port.name().equals(portName)).findFirst();
  }

  boolean exportedTo(String clientNamespace) {
    return exportTo.isEmpty() || exportTo.contains(clientNamespace);
  }

  /** For messages: {@code 80, 8080}. */
  String portList() {
    return String.join(", ", ports.stream().map(port -> Integer.toString(port.port())).toList());
  }
}
