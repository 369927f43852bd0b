package dev.weft.it;

import java.util.Map;
import java.util.TreeMap;

/** Small policies for stories that need no shop. */
final class Documents {
  /** Nobody speaks plaintext. */
  static final String STRICT = peerAuthentication("STRICT");

  /** Everybody on this machine is in the mesh, and nobody speaks plaintext. */
  static final String STRICT_MACHINE =
      """
      apiVersion: weft.dev/v1alpha1
      kind: MeshConfig
      metadata:
        name: mesh
      spec:
        mtls:
          mode: STRICT
          meshNetworks: [127.0.0.1/32]
      """;

  /** The service of {@code app.Greeter}, which is not HTTP. */
  static final String GREET =
      """
      apiVersion: v1
      kind: Service
      metadata:
        name: greet
      spec:
        selector: {app: greet}
        ports:
          - {name: tcp, port: 7, targetPort: tcp}
      """;

  private Documents() {}

  /** A mesh of these services, STRICT; each is selected by {@code app: <name>}. */
  static Map<String, String> strict(String... services) {
    Map<String, String> documents = new TreeMap<>();
    for (String service : services) {
      documents.put(service + ".yaml", service(service));
    }
    documents.put("security.yaml", STRICT);
    return documents;
  }

  /** {@code given} with one more document, or another in its place. */
  static Map<String, String> with(Map<String, String> given, String file, String text) {
    Map<String, String> documents = new TreeMap<>(given);
    documents.put(file, text);
    return documents;
  }

  /** A mode for the namespace. */
  static String peerAuthentication(String mode) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata:
      name: everyone
    spec:
      mtls:
        mode: %s
    """
        .formatted(mode);
  }

  /** Lets one service account call the workloads of a service. */
  static String onlyFrom(String account, String service) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata:
      name: %s-only
    spec:
      selector:
        matchLabels: {app: %s}
      action: ALLOW
      rules:
        - from:
            - source:
                principals: ["cluster.local/ns/default/sa/%s"]
    """
        .formatted(account, service, account);
  }

  private static String service(String name) {
    return """
    apiVersion: v1
    kind: Service
    metadata:
      name: %s
    spec:
      selector: {app: %s}
      ports:
        - {name: http, port: 80, targetPort: http, appProtocol: http}
    """
        .formatted(name, name);
  }
}
