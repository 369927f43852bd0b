package dev.weft.policy.compile;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MeshWorkload;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.tree.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A mesh as its documents and workloads make it. Immutable; thread-safe. */
public final class CompiledMesh {
  private final String trustDomain;
  private final List<String> trustBundle;
  private final List<CompiledService> services;
  private final RouteCompiler routes;
  private final InboundCompiler inbound;
  private final TrafficPolicyCompiler policies;
  private final DirectPolicies direct;
  private final AccessLogs accessLogs;
  private final List<MeshWorkload> workloads;
  private final String workloadsDigest;
  private final MeshSettings settings;
  private final List<Diagnostic> diagnostics;

  /** Clients of one namespace see the same services; they are worked out once, on demand. */
  private final Map<String, View> views = new ConcurrentHashMap<>();

  CompiledMesh(
      String trustDomain,
      List<String> trustBundle,
      List<CompiledService> services,
      RouteCompiler routes,
      InboundCompiler inbound,
      TrafficPolicyCompiler policies,
      DirectPolicies direct,
      AccessLogs accessLogs,
      List<MeshWorkload> workloads,
      MeshSettings settings,
      List<Diagnostic> diagnostics) {
    this.trustDomain = trustDomain;
    this.trustBundle = trustBundle;
    this.services = services;
    this.routes = routes;
    this.inbound = inbound;
    this.policies = policies;
    this.direct = direct;
    this.accessLogs = accessLogs;
    this.workloads = workloads;
    this.workloadsDigest = ContentHash.of(workloads.stream().map(Trees::toTree).toList());
    this.settings = settings;
    this.diagnostics = diagnostics;
  }

  /** What is the same for every client of a namespace. */
  private record View(List<Service> services, String digest) {}

  /**
   * What one workload needs to know. Its version is a hash of the content: it changes if and only
   * if something in the snapshot does.
   */
  public Snapshot snapshotFor(Workload workload) {
    View view = views.computeIfAbsent(workload.namespace(), this::view);
    Inbound accepts =
        direct.on(inbound.inbound(workload, direct.limits().connections(workload)), workload);
    Optional<AccessLogFormat> accessLog = accessLogs.of(workload);
    String version =
        ContentHash.of(
            List.of(
                trustDomain,
                trustBundle,
                Trees.toTree(accepts),
                view.digest(),
                workloadsDigest,
                Trees.toTree(settings),
                accessLog.map(AccessLogFormat::name).orElse("")));
    return new Snapshot(
        version,
        trustDomain,
        trustBundle,
        accepts,
        view.services(),
        workloads,
        settings,
        accessLog);
  }

  /**
   * The mesh that other documents and workloads make: the same as if it were compiled anew. What
   * came out equal stays the same object.
   */
  public CompiledMesh next(
      PolicyStore policy, List<Workload> newWorkloads, List<String> newTrustBundle) {
    return MeshCompiler.compile(
        policy, newWorkloads, trustDomain, newTrustBundle, routes.reuse(services));
  }

  /** What is wrong between documents, or between documents and workloads, in order of place. */
  public List<Diagnostic> diagnostics() {
    return diagnostics;
  }

  private View view(String namespace) {
    List<Service> visible = new ArrayList<>();
    List<Object> trees = new ArrayList<>();
    Set<String> own = new HashSet<>();
    for (CompiledService service : services) {
      if (service.namespace().equals(namespace)) {
        own.addAll(service.ownHosts());
      }
    }
    for (CompiledService service : services) {
      if (!service.exportedTo(namespace)) {
        continue;
      }
      Service seen =
          new Service(
              service.name(),
              service.namespace(),
              hosts(service, namespace, own),
              service.virtualAddress(),
              service.ports(),
              service.endpoints(),
              policies.pool(service, namespace),
              routes.routes(service, namespace),
              policies.policies(service, namespace),
              policies.subsets(service, namespace),
              service.external());
      Service treated = direct.on(seen, service, namespace);
      visible.add(treated);
      trees.add(Trees.toTree(treated));
    }
    return new View(List.copyOf(visible), ContentHash.of(trees));
  }

  /** A host that documents of several namespaces claim is, in one of these, its own. */
  private static List<String> hosts(CompiledService service, String namespace, Set<String> own) {
    List<String> hosts = service.hosts(namespace);
    return service.ownHosts().isEmpty() || service.namespace().equals(namespace)
        ? hosts
        : hosts.stream().filter(host -> !own.contains(host)).toList();
  }
}
