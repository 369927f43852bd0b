package dev.weft.policy.compile;

import dev.weft.policy.Route;
import dev.weft.policy.ServicePort;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which ports a part of a {@code VirtualService} is for. As in Istio a port's protocol is its
 * {@code appProtocol}, else what its name begins with; where neither says it, the port is for any
 * part. Stateless.
 */
final class PortProtocols {
  private static final List<String> REQUESTS =
      List.of("http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws");
  private static final List<String> TLS = List.of("https", "tls", "kubernetes.io/wss");
  private static final List<String> CONNECTIONS = List.of("tcp", "mongo", "mysql", "redis");

  private PortProtocols() {}

  static SortedSet<Integer> ports(CompiledService service, Route.Layer layer) {
    SortedSet<Integer> ports = new TreeSet<>();
    for (ServicePort port : service.ports()) {
      if (fits(protocol(port), layer)) {
        ports.add(port.port());
      }
    }
    return ports;
  }

  private static boolean fits(String protocol, Route.Layer layer) {
    return switch (layer) {
      case HTTP, GRPC -> !TLS.contains(protocol) && !CONNECTIONS.contains(protocol);
      case TLS -> !REQUESTS.contains(protocol) && !CONNECTIONS.contains(protocol);
      case TCP -> !REQUESTS.contains(protocol);
    };
  }

  private static String protocol(ServicePort port) {
    return port.appProtocol().isEmpty()
        ? port.name().split("-", 2)[0]
        : port.appProtocol().toLowerCase(Locale.ROOT);
  }
}
