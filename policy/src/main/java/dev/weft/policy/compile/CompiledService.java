package dev.weft.policy.compile;

import dev.weft.policy.Endpoint;
import dev.weft.policy.ServicePort;
import java.util.List;
import java.util.Optional;

/**
 * A service as every client sees it; what depends on the client is its hosts and routes. Immutable.
 */
record CompiledService(
    String namespace,
    String name,
    String virtualAddress,
    List<ServicePort> ports,
    List<Endpoint> endpoints) {

  String key() {
    return namespace + "/" + name;
  }

  /** Whether everything but its endpoints is the same, which is all that routes look at. */
  @SuppressWarnings("ReferenceEquality") // for speed only
  boolean sameShape(CompiledService other) {
    return this == other
        || (namespace.equals(other.namespace)
            && name.equals(other.name)
            && ports.equals(other.ports));
  }

  /** Every name by which clients of a namespace may call it. */
  List<String> hosts(String clientNamespace) {
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

  /** For messages: {@code 80, 8080}. */
  String portList() {
    return String.join(", ", ports.stream().map(port -> Integer.toString(port.port())).toList());
  }
}
