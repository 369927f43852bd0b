package dev.weft.it.contract;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The policy of all stories, while it is written. Every Service belongs to one story. */
final class Declarations {
  private final Map<String, Upstream> upstreams = new LinkedHashMap<>();
  private final Map<String, String> documents = new TreeMap<>();

  /** A Service whose port 80 leads to this many endpoints of its own. */
  Declarations service(String name, int endpoints) throws IOException {
    return service(name, endpoints, "80");
  }

  /** A Service whose port has the number of its only endpoint, for those who call without mesh. */
  Declarations directService(String name) throws IOException {
    return service(name, 1, "PORT");
  }

  private Declarations service(String name, int endpoints, String port) throws IOException {
    List<Backend> backends = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < endpoints; i++) {
      Backend backend = Backend.open(name + "-" + i);
      backends.add(backend);
      text.append(slice(name, backend));
    }
    String number = port.replace("PORT", String.valueOf(backends.get(0).port()));
    add(
        name,
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %s}
        spec:
          ports: [{name: http, port: %s, appProtocol: http}]
        """
            .formatted(name, number));
    add(name, text.toString());
    upstreams.put(name, new Upstream(name, List.copyOf(backends)));
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
    ports: [{name: http, port: %d}]
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
