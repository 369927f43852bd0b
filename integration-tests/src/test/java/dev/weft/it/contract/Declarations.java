package dev.weft.it.contract;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The policy of all stories, while it is written. Every Service belongs to one story. */
final class Declarations {
  private static final String OWN = "that of the endpoint";

  private final Map<String, Upstream> upstreams = new LinkedHashMap<>();
  private final Map<String, String> documents = new TreeMap<>();

  /** A Service whose port 80 leads to this many endpoints of its own. */
  Declarations service(String name, int endpoints) throws IOException {
    return service(name, endpoints, "80");
  }

  /** A Service whose port has the number of its only endpoint, for those who call without mesh. */
  Declarations directService(String name) throws IOException {
    return service(name, 1, OWN);
  }

  /** A Service of https whose port 443 leads to an endpoint with TLS of its own. */
  Declarations secureService(String name) throws IOException {
    return add(name, "443", "https", List.of(Backend.open(name + "-0", Keys.of(name).sockets())));
  }

  private Declarations service(String name, int endpoints, String port) throws IOException {
    List<Backend> backends = new ArrayList<>();
    for (int i = 0; i < endpoints; i++) {
      backends.add(Backend.open(name + "-" + i));
    }
    return add(name, port, "http", List.copyOf(backends));
  }

  private Declarations add(String name, String port, String protocol, List<Backend> backends) {
    String number = port.equals(OWN) ? String.valueOf(backends.get(0).port()) : port;
    StringBuilder text = new StringBuilder();
    backends.forEach(backend -> text.append(slice(name, backend)));
    add(
        name,
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %s}
        spec:
          ports: [{name: main, port: %s, appProtocol: %s}]
        """
            .formatted(name, number, protocol));
    add(name, text.toString());
    upstreams.put(name, new Upstream(name, backends));
    return this;
  }

  private static String slice(String service, Backend backend) {
    return """
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata:
      name: %s
      labels: {kubernetes.io/service-name: %s}
    addressType: IPv4
    ports: [{name: main, port: %d}]
    endpoints: [{addresses: [127.0.0.1]}]
    """
        .formatted(backend.name(), service, backend.port());
  }

  /**
   * An HTTPRoute of a Service.
   *
   * @param rules the list, each item beginning with {@code "- "}
   */
  Declarations route(String service, String rules) {
    return document(
        service,
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %s}
        spec:
          parentRefs: [{group: "", kind: Service, name: %s}]
          rules:
        """
                .formatted(service, service)
            + rules.indent(2));
  }

  /**
   * What Weft's own kinds say of a Service.
   *
   * @param spec the fields below {@code targetRefs}
   */
  Declarations policy(String kind, String service, String spec) {
    return document(
        service,
        """
        apiVersion: weft.dev/v1alpha1
        kind: %s
        metadata: {name: %s}
        spec:
          targetRefs: [{kind: Service, name: %s}]
        """
                .formatted(kind, service, service)
            + spec.indent(2));
  }

  /** Any other document, in the file of a Service. */
  Declarations document(String service, String text) {
    return add(service, "---\n" + text);
  }

  private Declarations add(String file, String text) {
    documents.merge(file, text, String::concat);
    return this;
  }

  /** The Services by name. */
  Map<String, Upstream> upstreams() {
    return Map.copyOf(upstreams);
  }

  /** The documents by file, without {@code .yaml}. */
  Map<String, String> documents() {
    return Map.copyOf(documents);
  }
}
