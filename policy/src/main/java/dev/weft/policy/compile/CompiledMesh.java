package dev.weft.policy.compile;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.part.PartSet;
import dev.weft.policy.part.PartStore;
import dev.weft.policy.tree.Trees;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
  private final MeshIdentities identities;
  private final MeshSettings settings;
  private final Visibility visibility;
  private final Reuse reuse;
  private final Supplier<List<Diagnostic>> findings;
  private final MeshParts parts;
  private @Nullable List<Diagnostic> diagnostics;

  /** Clients of one namespace see the same services; they are worked out once, on demand. */
  private final Map<String, View> views = new ConcurrentHashMap<>();

  private final Map<String, Set<String>> ownHosts = new ConcurrentHashMap<>();

  CompiledMesh(
      String trustDomain,
      List<String> trustBundle,
      List<CompiledService> services,
      RouteCompiler routes,
      InboundCompiler inbound,
      TrafficPolicyCompiler policies,
      DirectPolicies direct,
      AccessLogs accessLogs,
      MeshIdentities identities,
      MeshSettings settings,
      Visibility visibility,
      Reuse reuse,
      Supplier<List<Diagnostic>> findings) {
    this.trustDomain = trustDomain;
    this.trustBundle = trustBundle;
    this.services = services;
    this.routes = routes;
    this.inbound = inbound;
    this.policies = policies;
    this.direct = direct;
    this.accessLogs = accessLogs;
    this.identities = identities;
    this.settings = settings;
    this.visibility = visibility;
    this.reuse = reuse;
    this.findings = findings;
    this.parts = new MeshParts(this, services, visibility, reuse.told());
  }

  /** What is the same for every client of a namespace. */
  private record View(List<Service> services, String digest, boolean sharesLimits) {}

  /**
   * What one workload needs to know, with every service that it may call. Its version is a hash of
   * the content: it changes if and only if something in the snapshot does.
   */
  public Snapshot snapshotFor(Workload workload) {
    View view = views.computeIfAbsent(workload.namespace(), this::view);
    Inbound accepts = inbound(workload);
    Optional<AccessLogFormat> accessLog = accessLog(workload);
    Optional<Integer> instances =
        view.sharesLimits() ? Optional.of(instances(workload)) : Optional.empty();
    String version =
        ContentHash.of(
            List.of(
                Trees.toTree(accepts),
                view.digest(),
                accessLog.map(AccessLogFormat::name).orElse(""),
                instances.map(String::valueOf).orElse("")));
    return new Snapshot(
        version,
        trustDomain,
        trustBundle,
        accepts,
        view.services(),
        identities.workloads(),
        settings,
        accessLog,
        List.of(),
        instances);
  }

  /**
   * The same in parts, without the services that its namespace hears of on demand only.
   *
   * @param wanted keys of services that it has asked for; what it may not call is left out
   * @param store where parts of earlier compilations are, and where new ones go
   */
  public PartSet partsFor(Workload workload, Collection<String> wanted, PartStore store) {
    return parts.of(workload, wanted, store);
  }

  /**
   * The mesh that other documents and workloads make: the same as if it were compiled anew. What
   * came out equal stays the same object.
   */
  public CompiledMesh next(
      PolicyStore policy, List<Workload> newWorkloads, List<String> newTrustBundle) {
    return MeshCompiler.compile(
        policy, newWorkloads, trustDomain, newTrustBundle, reuse.with(parts.entries()));
  }

  /**
   * What is wrong between documents, or between documents and workloads, in order of place. It is
   * looked for when somebody asks: agents do not wait for advice to people.
   */
  public synchronized List<Diagnostic> diagnostics() {
    if (diagnostics == null) {
      diagnostics = findings.get();
    }
    return diagnostics;
  }

  private View view(String namespace) {
    List<Service> visible = new ArrayList<>();
    List<Object> trees = new ArrayList<>();
    boolean sharesLimits = false;
    for (CompiledService service : services) {
      if (visibility.of(service, namespace) != Visibility.Sight.NEVER) {
        Service seen = seen(service, namespace);
        visible.add(seen);
        trees.add(Trees.toTree(seen));
        sharesLimits |= sharesLimits(service);
      }
    }
    String digest =
        ContentHash.of(
            List.of(
                trustDomain,
                trustBundle,
                trees,
                identities.workloads().stream().map(Trees::toTree).toList(),
                Trees.toTree(settings)));
    return new View(List.copyOf(visible), digest, sharesLimits);
  }

  /** A service as the clients of a namespace see it. */
  Service seen(CompiledService service, String namespace) {
    return seen(service, namespace, hosts(service, namespace));
  }

  /** The same under other names. */
  Service seen(CompiledService service, String namespace, List<String> hosts) {
    Service seen =
        new Service(
            service.name(),
            service.namespace(),
            hosts,
            service.virtualAddress(),
            service.ports(),
            service.endpoints(),
            policies.pool(service, namespace),
            routes.routes(service, namespace),
            policies.policies(service, namespace),
            policies.subsets(service, namespace),
            service.external());
    return direct.on(seen, service, namespace);
  }

  /** What a workload accepts. */
  Inbound inbound(Workload workload) {
    return direct.on(inbound.inbound(workload, direct.limits().connections(workload)), workload);
  }

  Optional<AccessLogFormat> accessLog(Workload workload) {
    return accessLogs.of(workload);
  }

  /** How many live instances a workload's service has, itself among them. */
  int instances(Workload workload) {
    return reuse.workloads().instances(workload);
  }

  /** Whether the instances of a client share a limit of what they send to a service. */
  boolean sharesLimits(CompiledService service) {
    return direct.limits().shared(service);
  }

  String trustDomain() {
    return trustDomain;
  }

  List<String> trustBundle() {
    return trustBundle;
  }

  MeshIdentities identities() {
    return identities;
  }

  MeshSettings settings() {
    return settings;
  }

  /**
   * Every name by which the clients of a namespace may call a service. A host that documents of
   * several namespaces claim is, in one of these, its own.
   */
  List<String> hosts(CompiledService service, String namespace) {
    List<String> hosts = service.hosts(namespace);
    if (service.ownHosts().isEmpty() || service.namespace().equals(namespace)) {
      return hosts;
    }
    Set<String> own = ownHosts.computeIfAbsent(namespace, this::hostsOf);
    return hosts.stream().filter(host -> !own.contains(host)).toList();
  }

  /** The hosts that documents of a namespace claim. */
  private Set<String> hostsOf(String namespace) {
    Set<String> own = new HashSet<>();
    for (CompiledService service : services) {
      if (service.namespace().equals(namespace)) {
        own.addAll(service.ownHosts());
      }
    }
    return own;
  }

  /** Every service as the clients of its own namespace see it; for those who only look. */
  List<Service> ownServices() {
    return services.stream().map(service -> seen(service, service.namespace())).toList();
  }

  /** Every service as the clients of a namespace see it; for those who only look. */
  public List<Service> servicesFor(String namespace) {
    return services.stream()
        .filter(service -> visibility.of(service, namespace) != Visibility.Sight.NEVER)
        .map(service -> seen(service, namespace))
        .toList();
  }
}
