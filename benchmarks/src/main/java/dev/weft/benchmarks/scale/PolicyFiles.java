package dev.weft.benchmarks.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The policy folder: a Service for each service, and two routes to change, one of a service that is
 * exported to everybody and one that concerns its namespace only.
 */
final class PolicyFiles {
  static final int FIRST_PORT = 9000;

  /** The service that everybody hears of, and the one of which its namespace does. */
  static final int WIDE = 0;

  static final int NARROW = 1;

  private final Options options;
  private final Path folder;
  private int edits;

  PolicyFiles(Options options) throws IOException {
    this.options = options;
    this.folder = Files.createDirectories(options.folder().resolve("policy"));
    for (int namespace = 0; namespace < options.namespaces(); namespace++) {
      StringBuilder text = new StringBuilder();
      for (int i = namespace; i < options.services(); i += options.namespaces()) {
        text.append(service(i));
      }
      Files.writeString(folder.resolve("services-" + namespace + ".yaml"), text);
    }
    if (options.everything()) {
      Files.writeString(
          folder.resolve("mesh.yaml"),
          """
          apiVersion: weft.dev/v1alpha1
          kind: MeshConfig
          metadata: {name: mesh}
          spec: {discovery: {scope: Mesh}}
          """);
    }
    editRoute(WIDE);
    editRoute(NARROW);
  }

  Path folder() {
    return folder;
  }

  private String service(int number) {
    StringBuilder text = new StringBuilder();
    text.append("---\napiVersion: v1\nkind: Service\nmetadata:\n  name: ")
        .append(options.service(number))
        .append("\n  namespace: ")
        .append(options.namespace(number));
    if (number == WIDE) {
      text.append("\n  annotations: {networking.istio.io/exportTo: \"*\"}");
    }
    text.append("\nspec:\n  selector: {app: ")
        .append(options.service(number))
        .append("}\n  ports:\n");
    for (int i = 0; i < options.ports(); i++) {
      text.append("  - {name: p" + i + ", port: ")
          .append(FIRST_PORT + i)
          .append(", targetPort: ")
          .append(FIRST_PORT + i)
          .append("}\n");
    }
    return text.toString();
  }

  /** Saves another version of a service's route, as an editor does. */
  void editRoute(int service) throws IOException {
    String text =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: route, namespace: %s}
        spec:
          parentRefs: [{group: "", kind: Service, name: %s}]
          rules:
          - filters:
            - type: RequestHeaderModifier
              requestHeaderModifier: {set: [{name: x-edit, value: "%d"}]}
            backendRefs: [{name: %s, port: %d}]
        """
            .formatted(
                options.namespace(service),
                options.service(service),
                ++edits,
                options.service(service),
                FIRST_PORT);
    Path swap = Files.writeString(options.folder().resolve("swap"), text);
    Files.move(
        swap,
        folder.resolve("route-" + service + ".yaml"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
