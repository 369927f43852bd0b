package dev.weft.benchmarks.policy;

import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A mesh as people write it: one file for each service, with its Service, an HTTPRoute of many
 * rules and an AuthorizationPolicy; and its workloads. Services are spread over namespaces.
 */
final class MeshOfFiles {
  private static final int SERVICES_PER_NAMESPACE = 25;

  private final int services;
  private final int rules;
  private final int endpoints;

  /** {@code rules} and {@code endpoints} are those of each service. */
  MeshOfFiles(int services, int rules, int endpoints) {
    this.services = services;
    this.rules = rules;
    this.endpoints = endpoints;
  }

  List<SourceFile> files() {
    List<SourceFile> files = new ArrayList<>();
    for (int i = 0; i < services; i++) {
      files.add(file(i, 90));
    }
    return files;
  }

  /** One service's file; {@code weight} is what an edit changes, in the last of its rules. */
  SourceFile file(int service, int weight) {
    String name = name(service);
    String metadata = "metadata: {name: " + name + ", namespace: " + namespace(service) + "}\n";
    StringBuilder yaml = new StringBuilder();
    yaml.append("apiVersion: v1\nkind: Service\n").append(metadata);
    yaml.append("spec:\n  selector: {app: ").append(name).append("}\n");
    yaml.append("  ports:\n  - {name: http, port: 80, targetPort: 8080}\n");
    yaml.append("---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n");
    yaml.append(metadata).append("spec:\n  selector:\n    matchLabels: {app: ").append(name);
    yaml.append("}\n  rules:\n  - from:\n    - source: {principals: [cluster.local/ns/");
    yaml.append(namespace(service)).append("/sa/client]}\n    to:\n");
    yaml.append("    - operation: {methods: [GET, POST], paths: [\"/path/*\"]}\n");
    yaml.append("---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n");
    yaml.append(metadata).append("spec:\n  parentRefs:\n  - {group: \"\", kind: Service, name: ");
    yaml.append(name).append("}\n  rules:\n");
    for (int rule = 0; rule < rules; rule++) {
      int first = rule == rules - 1 ? weight : 90;
      yaml.append("  - matches:\n    - path: {type: PathPrefix, value: /path/").append(rule);
      yaml.append("}\n      method: GET\n    backendRefs:\n    - {name: ").append(name);
      yaml.append(", port: 80, weight: ").append(first).append("}\n    - {name: ").append(name);
      yaml.append(", port: 80, weight: 10}\n");
    }
    return new SourceFile("services/" + name + ".yaml", yaml.toString());
  }

  List<Workload> workloads() {
    List<Workload> workloads = new ArrayList<>();
    for (int i = 0; i < services; i++) {
      for (int j = 0; j < endpoints; j++) {
        workloads.add(workload(i, j));
      }
    }
    return workloads;
  }

  Workload workload(int service, int instance) {
    String account = "spiffe://cluster.local/ns/" + namespace(service) + "/sa/" + name(service);
    return new Workload(
        name(service) + "-" + instance,
        name(service),
        namespace(service),
        name(service),
        account,
        "10." + (service >> 8) + "." + (service & 255) + "." + (instance + 1),
        Map.of("version", "v" + instance % 2),
        List.of(8080),
        Map.of(),
        true);
  }

  static String name(int service) {
    return "service-" + service;
  }

  static String namespace(int service) {
    return "ns-" + service / SERVICES_PER_NAMESPACE;
  }
}
