package dev.weft.server.diff;

import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.compile.AssumedWorkloads;
import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.PolicyStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A mesh as its documents make it, with one assumed workload for every Service document. Confined
 * to one comparison.
 */
public final class MeshModel {
  private final CompiledMesh mesh;
  private final String trustDomain;
  private final Map<String, Workload> members = new TreeMap<>();
  private final Set<String> namespaces = new TreeSet<>();
  private final Map<String, Map<String, Service>> views = new HashMap<>();

  private MeshModel(CompiledMesh mesh, String trustDomain) {
    this.mesh = mesh;
    this.trustDomain = trustDomain;
  }

  /** The model of the documents in force. */
  public static MeshModel of(PolicyStore policy, String trustDomain) {
    List<Workload> assumed = AssumedWorkloads.of(policy, trustDomain);
    MeshModel model =
        new MeshModel(MeshCompiler.compile(policy, assumed, trustDomain, List.of()), trustDomain);
    for (Workload workload : assumed) {
      model.members.put(workload.id(), workload);
    }
    for (Document document : policy.inForce()) {
      if (!document.namespace().isEmpty()) {
        model.namespaces.add(document.namespace());
      }
    }
    return model;
  }

  /** Namespaces in which a document stands. */
  Set<String> namespaces() {
    return namespaces;
  }

  /** The assumed workloads by id, which names the Service. */
  Map<String, Workload> members() {
    return members;
  }

  /** What a member is told. */
  Snapshot snapshot(Workload member) {
    return mesh.snapshotFor(member);
  }

  /** Services by key, as clients of a namespace see them. */
  Map<String, Service> services(String namespace) {
    return views.computeIfAbsent(namespace, this::view);
  }

  Optional<Service> service(String key, String namespace) {
    return Optional.ofNullable(services(namespace).get(key));
  }

  /** What is the same for everybody. */
  Snapshot anybody() {
    return mesh.snapshotFor(client("default"));
  }

  String trustDomain() {
    return trustDomain;
  }

  private Map<String, Service> view(String namespace) {
    Map<String, Service> services = new TreeMap<>();
    mesh.servicesFor(namespace).forEach(service -> services.put(service.key(), service));
    return services;
  }

  private Workload client(String namespace) {
    return new Workload(
        "diff",
        "",
        namespace,
        "diff",
        "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/diff",
        "",
        Map.of(),
        List.of(),
        Map.of(),
        true);
  }
}
