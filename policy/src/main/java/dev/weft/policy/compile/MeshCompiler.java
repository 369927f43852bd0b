package dev.weft.policy.compile;

import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.PolicyStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Joins documents and workloads. Stateless.
 *
 * <p>The rules, in one place:
 *
 * <ul>
 *   <li>A Service has the workloads of its namespace that carry its selector's labels; a workload
 *       without label {@code app} counts as carrying {@code app: <its service>}.
 *   <li>A numeric targetPort must be one that the workload listens on. A named one is the
 *       workload's port of that name, else the only port it listens on.
 *   <li><em>Implied Services:</em> workloads whose service has no Service document are reachable
 *       all the same, as a Service of that name and namespace with one port for every port that any
 *       of them listens on; and, where each of them listens on exactly one port, port 80 as well.
 *   <li>A Service is called by {@code name} in its own namespace, and everywhere by {@code
 *       name.namespace}, {@code name.namespace.svc} and {@code name.namespace.svc.cluster.local}.
 *   <li>A route in the Service's namespace binds all clients (a producer's route); a route in
 *       another namespace binds the clients of that namespace (a consumer's route), and on the
 *       ports it takes, the producer's routes do not apply to them.
 *   <li>A ServiceEntry is a Service by the name of its first host, called by its own hosts and by
 *       no others. Names of those that the application resolves itself have no virtual address.
 *   <li>A VirtualService binds as a route does: in the Service's namespace or the mesh's root all
 *       clients, elsewhere the clients of its namespace. Gateway API's routes go before it.
 *   <li>Documents that compete are ordered by {@code creationTimestamp}, then {@code
 *       namespace/name}.
 *   <li>In access policies the trust domain {@code cluster.local} stands for the mesh's own,
 *       whatever its name, as in Istio.
 * </ul>
 */
public final class MeshCompiler {
  /** Whose documents without selector speak for the whole mesh. */
  static final List<String> ROOT_NAMESPACES = List.of("weft-system", "istio-system");

  private MeshCompiler() {}

  /** Pure: equal arguments, in any order of the workloads, give equal snapshots. */
  public static CompiledMesh compile(
      PolicyStore policy, List<Workload> workloads, String trustDomain, List<String> trustBundle) {
    return compile(policy, workloads, trustDomain, trustBundle, Reuse.NOTHING);
  }

  /** The same, faster; {@code reuse} is of an earlier compilation with any arguments. */
  static CompiledMesh compile(
      PolicyStore policy,
      List<Workload> workloads,
      String trustDomain,
      List<String> trustBundle,
      Reuse reuse) {
    return compile(policy, workloads, trustDomain, trustBundle, reuse, workloads);
  }

  /** For a workload that knows of no other: nothing is said about documents that concern others. */
  public static CompiledMesh compileAlone(
      PolicyStore policy, Workload workload, String trustDomain, List<String> trustBundle) {
    return compile(policy, List.of(workload), trustDomain, trustBundle, Reuse.NOTHING, List.of());
  }

  /** {@code everybody} is empty where nobody knows who else runs. */
  private static CompiledMesh compile(
      PolicyStore policy,
      List<Workload> workloads,
      String trustDomain,
      List<String> trustBundle,
      Reuse reuse,
      List<Workload> everybody) {
    DocumentRules rules = DocumentRules.compile(policy, trustDomain, reuse.rules());
    List<Document> documents = rules.documents();
    InboundCompiler inbound = rules.inbound();
    List<Diagnostic> diagnostics = new ArrayList<>(rules.diagnostics());
    WorkloadIndex running = reuse.workloads().next(workloads);
    DraftedService.Drafts drafted = new DraftedService.Drafts(reuse.drafted(), diagnostics);
    List<CompiledService> services =
        reuse.settle(
            ServiceCompiler.compile(
                documents, running, inbound, trustDomain, drafted, diagnostics));
    ServiceIndex index = new ServiceIndex(services);
    TrafficPolicyCompiler policies = TrafficPolicyCompiler.compile(documents, index, diagnostics);
    RouteCompiler routes =
        RouteCompiler.compile(documents, index, policies.subsetNames(), reuse, diagnostics);
    MeshIdentities meshIdentities = MeshIdentities.compile(running, inbound, reuse.identities());
    DirectPolicies direct = DirectPolicies.compile(documents, index, policies, diagnostics);
    return new CompiledMesh(
        trustDomain,
        List.copyOf(trustBundle),
        services,
        routes,
        inbound,
        policies,
        direct,
        AccessLogs.compile(
            documents,
            rules.meshWide().accessLog(),
            rules.meshWide().accessLogFormat(),
            direct.telemetry()),
        meshIdentities,
        rules.meshWide().settings(),
        rules.visibility(),
        new Reuse(
            Optional.of(rules),
            Reuse.byKey(services),
            routes.bound(),
            routes.routes(),
            running,
            drafted.made(),
            meshIdentities,
            reuse.told()),
        () -> {
          List<Diagnostic> all = new ArrayList<>(diagnostics);
          all.addAll(
              new SecurityLint(
                      documents,
                      rules.membership(),
                      rules.identities(),
                      policy.keySets(),
                      everybody)
                  .diagnostics());
          Collections.sort(all);
          return List.copyOf(all);
        });
  }
}
