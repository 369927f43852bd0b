package dev.weft.policy.compile;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MeshWorkload;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

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
    List<Diagnostic> diagnostics = new ArrayList<>();
    List<Document> documents = new ArrayList<>(policy.inForce());
    documents.addAll(policy.failClosed());
    documents.sort(
        Comparator.comparing(Document::created)
            .thenComparing(Document::namespace)
            .thenComparing(Document::name));
    List<Workload> sorted = new ArrayList<>(workloads);
    sorted.sort(Comparator.comparing(Workload::id));

    MeshWide meshWide = MeshWide.compile(documents, trustDomain, diagnostics);
    Membership membership = Membership.compile(documents);
    Identities identities = Identities.compile(documents, trustDomain);
    InboundCompiler inbound =
        InboundCompiler.compile(
            documents,
            meshWide.mtls(),
            AccessCompiler.compile(documents, membership, identities, policy.keySets()),
            diagnostics);
    List<CompiledService> services =
        reuse.settle(ServiceCompiler.compile(documents, sorted, inbound, trustDomain, diagnostics));
    ServiceIndex index = new ServiceIndex(services);
    TrafficPolicyCompiler policies = TrafficPolicyCompiler.compile(documents, index, diagnostics);
    RouteCompiler routes =
        RouteCompiler.compile(documents, index, policies.subsetNames(), reuse, diagnostics);
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
            documents, meshWide.accessLog(), meshWide.accessLogFormat(), direct.telemetry()),
        meshWorkloads(sorted, inbound),
        meshWide.settings(),
        Visibility.compile(documents),
        () -> {
          List<Diagnostic> all = new ArrayList<>(diagnostics);
          all.addAll(
              new SecurityLint(documents, membership, identities, policy.keySets(), everybody)
                  .diagnostics());
          Collections.sort(all);
          return List.copyOf(all);
        });
  }

  /** Clients must know where the mesh stays out, so ports with mode DISABLE are not among them. */
  private static List<MeshWorkload> meshWorkloads(
      List<Workload> workloads, InboundCompiler inbound) {
    return workloads.stream()
        .filter(workload -> !workload.address().isEmpty())
        .map(
            workload ->
                new MeshWorkload(
                    workload.address(),
                    workload.spiffeId(),
                    workload.listening().stream()
                        .filter(port -> !inbound.disabled(workload, port))
                        .sorted()
                        .toList()))
        .distinct()
        .sorted(
            Comparator.comparing(MeshWorkload::address)
                .thenComparing(MeshWorkload::spiffeId)
                .thenComparing(workload -> workload.ports().toString()))
        .toList();
  }

  /** What {@code MeshConfig} says. */
  private record MeshWide(
      MeshSettings settings,
      Inbound.Mtls mtls,
      boolean accessLog,
      AccessLogFormat accessLogFormat) {
    static MeshWide compile(
        List<Document> documents, String trustDomain, List<Diagnostic> diagnostics) {
      MeshWide found =
          new MeshWide(
              MeshSettings.DEFAULT,
              new Inbound.Mtls(MtlsMode.PERMISSIVE, "default"),
              false,
              AccessLogFormat.TEXT);
      String first = "";
      for (Document document : documents) {
        if (document.kind() != Kind.MESH_CONFIG
            || !(document.spec() instanceof Spec.MeshConfigSpec spec)) {
          continue;
        }
        if (first.isEmpty()) {
          first = document.title();
          found = of(spec, document.title(), trustDomain);
        } else {
          diagnostics.add(
              Code.CONFLICT.at(
                  document.place(), "a mesh has one MeshConfig; " + first + " is in force"));
        }
      }
      return found;
    }

    private static MeshWide of(Spec.MeshConfigSpec spec, String title, String trustDomain) {
      MeshSettings defaults = MeshSettings.DEFAULT;
      return new MeshWide(
          new MeshSettings(
              spec.meshNetworks(),
              InboundCompiler.principals(spec.revoked(), trustDomain).stream()
                  .map(principal -> "spiffe://" + principal)
                  .toList(),
              spec.retryBudgetPercent().orElse(defaults.retryBudgetPercent()),
              spec.retryBudgetMinPerSecond().orElse(defaults.retryBudgetMinPerSecond()),
              spec.traceSamplingPercent().orElse(defaults.traceSamplingPercent()),
              spec.defaults().connectTimeout(),
              spec.defaults().balancing(),
              spec.probes(),
              spec.trustDomainAliases()),
          spec.mtls()
              .map(mode -> new Inbound.Mtls(mode, title))
              .orElse(new Inbound.Mtls(MtlsMode.PERMISSIVE, "default")),
          spec.accessLog().orElse(false),
          spec.accessLogFormat().orElse(AccessLogFormat.TEXT));
    }
  }
}
