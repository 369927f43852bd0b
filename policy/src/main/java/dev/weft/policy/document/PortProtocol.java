package dev.weft.policy.document;

import java.util.Set;

/** What a port's name says about its protocol, by Istio's convention. Stateless. */
final class PortProtocol {
  private static final Set<String> KNOWN =
      Set.of("http", "http2", "https", "grpc", "grpc-web", "tcp", "tls", "mongo", "mysql", "redis");

  private PortProtocol() {}

  /** {@code http} of {@code http} and of {@code http-admin}; empty: it says nothing. */
  static String of(String portName) {
    if (portName.equals("grpc-web") || portName.startsWith("grpc-web-")) {
      return "grpc-web";
    }
    int dash = portName.indexOf('-');
    String first = dash < 0 ? portName : portName.substring(0, dash);
    return KNOWN.contains(first) ? first : "";
  }
}
