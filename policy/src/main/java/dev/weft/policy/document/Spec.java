package dev.weft.policy.document;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.JwtRule;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Subset;
import dev.weft.policy.TrafficPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a document says, checked on its own; references are still names. Immutable. */
public sealed interface Spec {

  /** What Weft's own kinds say. */
  sealed interface Own extends Spec
      permits FaultPolicySpec, RateLimitPolicySpec, ResiliencePolicySpec, TelemetryPolicySpec {}

  /** A document that is accepted and says nothing to the mesh. */
  record Nothing() implements Spec {}

  /**
   * A core {@code Service}.
   *
   * @param selector labels that its workloads carry; empty: it has no workloads
   * @param ports TCP ports only
   * @param externalName the name outside the mesh that it stands for; empty: none
   * @param exportTo namespaces whose clients hear of it at once, {@code *} and {@code .} and {@code
   *     ~} as Istio has them; empty: nothing is said
   */
  record ServiceSpec(
      Map<String, String> selector,
      List<TargetedPort> ports,
      Set<ServiceTrait> traits,
      Optional<String> externalName,
      List<String> exportTo)
      implements Spec {

    /** Whether this is special about it. */
    public boolean has(ServiceTrait trait) {
      return traits.contains(trait);
    }
  }

  /** What is special about a Service. */
  enum ServiceTrait {
    /** It has no address of its own: its name is its endpoints' addresses. */
    HEADLESS,
    /** Calls of one client go to one endpoint. */
    CLIENT_IP,
    /** Endpoints that are not ready count, too. */
    NOT_READY_TOO
  }

  /**
   * An {@code EndpointSlice}.
   *
   * @param service {@code namespace/name}; empty: it belongs to none
   */
  record EndpointSliceSpec(
      Optional<String> service, List<SlicePort> ports, List<SliceEndpoint> endpoints, Place place)
      implements Spec {}

  /** A port of a slice; its name is that of the Service's port, and may be empty. */
  record SlicePort(String name, int number) {}

  /** An address of a slice, an IP literal. */
  record SliceEndpoint(String address, Readiness readiness, Optional<String> zone) {}

  /** Whether an endpoint takes requests. */
  enum Readiness {
    READY,
    NOT_READY,
    /** It is on its way out and still serves, for want of others. */
    LEAVING
  }

  /**
   * A port of a Service and where it leads.
   *
   * @param target the workload's port: its number, or a name
   */
  record TargetedPort(ServicePort port, TargetPort target, Place place) {}

  /** A workload's port, by number, or by name where the number is 0. */
  record TargetPort(int number, String name) {
    @Override
    public String toString() {
      return number > 0 ? Integer.toString(number) : "\"" + name + "\"";
    }
  }

  /**
   * A route: Gateway API's {@code HTTPRoute}, {@code GRPCRoute}, {@code TLSRoute} and {@code
   * TCPRoute}, or one of the three parts of an Istio {@code VirtualService}.
   *
   * @param parts at least one; a {@code VirtualService} may have one for each layer
   * @param exportTo namespaces whose clients it may bind; empty: all that it would
   */
  record RouteSpec(List<RoutePart> parts, List<String> exportTo) implements Spec {}

  /**
   * The rules of one layer.
   *
   * @param parents the Services whose calls they take
   * @param order how rules are ranked
   */
  record RoutePart(Route.Layer layer, List<Parent> parents, Order order, List<RuleSpec> rules) {}

  /** How the rules of a route are ranked. */
  enum Order {
    /** By Gateway API's precedence, among all routes of a port. */
    PRECEDENCE,
    /** As they are written. */
    LISTED
  }

  /** Whose calls a route takes. */
  sealed interface Parent {
    /** Where it is named. */
    Place place();
  }

  /** A Service whose traffic a route takes, on one port or on all. */
  record ParentRef(
      String namespace,
      String name,
      Optional<Integer> port,
      Optional<String> sectionName,
      Place place)
      implements Parent {
    /** Kubernetes' {@code namespace/name}. */
    public String key() {
      return namespace + "/" + name;
    }
  }

  /** A {@code ServiceEntry} whose hosts' traffic a route takes, on one port or on all. */
  record EntryRef(
      String namespace,
      String name,
      Optional<Integer> port,
      Optional<String> sectionName,
      Place place)
      implements Parent {
    /** Kubernetes' {@code namespace/name}. */
    public String key() {
      return namespace + "/" + name;
    }
  }

  /**
   * A host whose traffic a route takes, on all ports (Istio).
   *
   * @param host lower case; short names belong to the document's namespace; may begin with {@code
   *     *.}, or be {@code *}
   */
  record HostRef(String host, Place place) implements Parent {}

  /**
   * One rule of a route.
   *
   * @param name its name, else its index as text
   * @param matches empty: every request
   * @param actions without mirrors
   * @param invalid why no request that it takes can be answered; empty: they can
   * @param delegate the document whose rules stand in its place (Istio); empty: it answers itself
   */
  record RuleSpec(
      String name,
      List<MatchSpec> matches,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders,
      List<BackendRef> backends,
      Optional<Duration> requestTimeout,
      Optional<Duration> backendTimeout,
      RouteActions actions,
      List<MirrorRef> mirrors,
      String invalid,
      Place place,
      Optional<DelegateRef> delegate) {

    /** A rule that answers itself. */
    public RuleSpec(
        String name,
        List<MatchSpec> matches,
        List<HeaderEdit> requestHeaders,
        List<HeaderEdit> responseHeaders,
        List<BackendRef> backends,
        Optional<Duration> requestTimeout,
        Optional<Duration> backendTimeout,
        RouteActions actions,
        List<MirrorRef> mirrors,
        String invalid,
        Place place) {
      this(
          name,
          matches,
          requestHeaders,
          responseHeaders,
          backends,
          requestTimeout,
          backendTimeout,
          actions,
          mirrors,
          invalid,
          place,
          Optional.empty());
    }

    /** The same for other requests. */
    public RuleSpec matching(List<MatchSpec> others) {
      return new RuleSpec(
          name,
          others,
          requestHeaders,
          responseHeaders,
          backends,
          requestTimeout,
          backendTimeout,
          actions,
          mirrors,
          invalid,
          place,
          delegate);
    }

    /** The same with another rewrite. */
    RuleSpec rewriting(Optional<RouteActions.Rewrite> rewrite) {
      return new RuleSpec(
          name,
          matches,
          requestHeaders,
          responseHeaders,
          backends,
          requestTimeout,
          backendTimeout,
          new RouteActions(
              actions.retry(),
              rewrite,
              actions.mirrors(),
              actions.fault(),
              actions.redirect(),
              actions.answer(),
              actions.cors(),
              actions.session()),
          mirrors,
          invalid,
          place,
          delegate);
    }
  }

  /**
   * Another {@code VirtualService} whose rules stand in a rule's place.
   *
   * @param namespace empty: the document's own
   */
  record DelegateRef(String namespace, String name, Place place) {}

  /**
   * A match, and what is known of it before any request.
   *
   * @param port the service's port that it is for; empty: all that the route binds
   * @param sourceNamespace of the clients that it is for; empty: all
   * @param lengths what comes before {@link dev.weft.policy.Precedence} among the matches of a
   *     port, longer first: of gRPC's service and method. Empty: nothing does
   */
  record MatchSpec(
      RouteMatch match,
      Optional<Integer> port,
      Optional<String> sourceNamespace,
      Place place,
      List<Integer> lengths) {

    /** A match with the usual precedence. */
    public MatchSpec(
        RouteMatch match, Optional<Integer> port, Optional<String> sourceNamespace, Place place) {
      this(match, port, sourceNamespace, place, List.of());
    }
  }

  /**
   * A weighted reference to a Service.
   *
   * @param namespace of the Service; empty when {@code host} names it
   * @param name of the Service; empty when {@code host} names it
   * @param host as Istio names it, lower case; short names belong to the document's namespace;
   *     empty: by namespace and name
   * @param port 0: the only one that the Service has (Istio)
   * @param subset a name that a DestinationRule defines; empty: the whole Service
   * @param invalid why it cannot be used whatever it names; empty: it can
   * @param actions what is done to its requests besides what the rule does, without mirrors
   * @param mirrors where copies of its requests go, besides the rule's
   */
  record BackendRef(
      String namespace,
      String name,
      String host,
      int port,
      int weight,
      Optional<String> subset,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders,
      String invalid,
      Place place,
      RouteActions actions,
      List<MirrorRef> mirrors) {

    /** A backend to which requests go as the rule says. */
    public BackendRef(
        String namespace,
        String name,
        String host,
        int port,
        int weight,
        Optional<String> subset,
        List<HeaderEdit> requestHeaders,
        List<HeaderEdit> responseHeaders,
        String invalid,
        Place place) {
      this(
          namespace,
          name,
          host,
          port,
          weight,
          subset,
          requestHeaders,
          responseHeaders,
          invalid,
          place,
          RouteActions.NONE,
          List.of());
    }

    /** The same of another host. */
    public BackendRef withHost(String other) {
      return new BackendRef(
          namespace,
          name,
          other,
          port,
          weight,
          subset,
          requestHeaders,
          responseHeaders,
          invalid,
          place,
          actions,
          mirrors);
    }

    /** Kubernetes' {@code namespace/name}. */
    public String key() {
      return namespace + "/" + name;
    }
  }

  /** Where copies go, and of which share of the requests. */
  record MirrorRef(BackendRef backend, int numerator, int denominator) {}

  /**
   * An Istio {@code PeerAuthentication}.
   *
   * @param selector empty: the whole namespace, or the mesh
   * @param mode empty: UNSET, inherits
   * @param portModes modes of single ports of the workload
   */
  record PeerAuthenticationSpec(
      Map<String, String> selector, Optional<MtlsMode> mode, Map<Integer, MtlsMode> portModes)
      implements Spec {}

  /**
   * Which workloads a security document concerns: those of a selector or those behind Services.
   *
   * @param selector empty: the whole namespace, or the mesh, if there are no targets either
   * @param targets Services of the document's namespace
   */
  record Attachment(Map<String, String> selector, List<TargetRef> targets) {
    /** Every workload of the namespace, or of the mesh. */
    static final Attachment ALL = new Attachment(Map.of(), List.of());
  }

  /**
   * An Istio {@code AuthorizationPolicy}.
   *
   * @param action ALLOW, DENY or AUDIT
   * @param places where the rules begin
   */
  record AuthorizationPolicySpec(
      Attachment attachment,
      AccessPolicy.Action action,
      boolean dryRun,
      List<AccessRule> rules,
      List<Place> places)
      implements Spec {}

  /** An Istio {@code RequestAuthentication}. */
  record RequestAuthenticationSpec(Attachment attachment, List<JwtSource> rules) implements Spec {}

  /**
   * A rule of a {@code RequestAuthentication}.
   *
   * @param rule without its policy's name; its keys are empty where only their address is known
   * @param jwksUri where its keys are to be fetched; empty: nowhere
   * @param timeout how long that may take
   */
  record JwtSource(JwtRule rule, String jwksUri, Optional<Duration> timeout, Place place) {}

  /**
   * Weft's {@code WorkloadIdentity}: the identity of some workloads, and what else it is called.
   *
   * @param serviceAccount of the document's namespace; empty: every identity of the namespace is
   *     meant, or, in a root namespace, of the mesh
   * @param attachment workloads that must have this identity; absent: none is named
   * @param trustDomains other trust domains under which policies may name the identity
   * @param principals other principals by which policies may name it
   */
  record WorkloadIdentitySpec(
      String serviceAccount,
      Optional<Attachment> attachment,
      List<String> trustDomains,
      List<String> principals)
      implements Spec {}

  /**
   * An Istio {@code DestinationRule}.
   *
   * @param host lower case; short names belong to the document's namespace; may have a star in
   *     front
   * @param maxConnections of a client to the whole service
   * @param connectTimeout of one attempt
   * @param policies how the service is treated; those for single ports first
   * @param exportTo namespaces whose clients it concerns; empty: all that it would
   */
  record DestinationRuleSpec(
      String host,
      Optional<Integer> maxConnections,
      Optional<Duration> connectTimeout,
      List<TrafficPolicy> policies,
      List<Subset> subsets,
      List<String> exportTo,
      Place place)
      implements Spec {}

  /**
   * An Istio {@code ServiceEntry}.
   *
   * @param hosts at least one, lower case; may have a star in front
   * @param addresses IP literals that stand for it
   * @param external empty: the mesh balances its endpoints, which are of the mesh
   * @param selector labels of workloads and {@code WorkloadEntry}s that are its endpoints; empty:
   *     {@code endpoints} are
   * @param exportTo namespaces whose clients may call it; empty: all
   * @param subjectAltNames names of which certificates are to have one; checked, and not enforced
   */
  record ServiceEntrySpec(
      List<String> hosts,
      List<String> addresses,
      List<TargetedPort> ports,
      Optional<Service.External> external,
      List<StaticEndpoint> endpoints,
      Map<String, String> selector,
      List<String> exportTo,
      List<String> subjectAltNames,
      Place place)
      implements Spec {

    /** Whether the mesh chooses its endpoints, rather than the application's own DNS or address. */
    public boolean balanced() {
      return external.isEmpty() || external.get().resolution() == Service.Resolution.STATIC;
    }
  }

  /** An Istio {@code WorkloadEntry}. */
  record WorkloadEntrySpec(StaticEndpoint endpoint) implements Spec {}

  /**
   * An endpoint that a document names.
   *
   * @param address IP literal, or a name of DNS where the application resolves it
   * @param ports by the names of the service's ports; what is missing goes by the service
   * @param serviceAccount of its identity in the mesh; empty: it has none
   * @param locality {@code region/zone/subzone}; may be empty
   */
  record StaticEndpoint(
      String address,
      Map<String, Integer> ports,
      Map<String, String> labels,
      String serviceAccount,
      String locality,
      Optional<Integer> weight,
      Place place) {}

  /**
   * An Istio {@code Telemetry}.
   *
   * @param selector empty: the whole namespace, or the mesh
   * @param accessLog empty: inherits
   * @param samplingPercent of root traces, 0.0 to 100.0; empty: inherits
   */
  record TelemetrySpec(
      Map<String, String> selector, Optional<Boolean> accessLog, Optional<Double> samplingPercent)
      implements Spec {}

  /**
   * Gateway API's {@code XBackendTrafficPolicy}.
   *
   * @param session how sessions find their endpoint, where no rule of a route says so
   */
  record BackendTrafficPolicySpec(
      List<TargetRef> targets,
      Optional<TrafficPolicy.RetryBudget> retryBudget,
      Optional<RouteActions.SessionPersistence> session)
      implements Spec {}

  /** A Service that a policy concerns, on all ports or on the one of this name. */
  record TargetRef(String namespace, String name, Optional<String> sectionName, Place place) {
    /** Kubernetes' {@code namespace/name}. */
    public String key() {
      return namespace + "/" + name;
    }
  }

  /**
   * Weft's {@code MeshConfig}; what is empty has its default.
   *
   * @param revoked principals, as AuthorizationPolicies name them
   * @param defaults how clients treat services of which nothing else is said
   * @param probes requests that need no mutual TLS
   * @param trustDomainAliases trust domains whose identities count as the mesh's own
   */
  record MeshConfigSpec(
      Optional<MtlsMode> mtls,
      List<String> meshNetworks,
      List<String> revoked,
      Optional<Integer> retryBudgetPercent,
      Optional<Integer> retryBudgetMinPerSecond,
      Optional<Double> traceSamplingPercent,
      Optional<Boolean> accessLog,
      Optional<AccessLogFormat> accessLogFormat,
      MeshDefaults defaults,
      List<MeshSettings.Probe> probes,
      List<String> trustDomainAliases,
      Optional<DiscoveryScope> discoveryScope)
      implements Spec {}

  /** How clients treat services of which nothing else is said. */
  record MeshDefaults(
      Optional<Duration> connectTimeout, Optional<TrafficPolicy.LoadBalancing> balancing) {}

  /** Which services an agent hears of before it calls them. */
  enum DiscoveryScope {
    /** Those of its namespace and those exported to it. */
    NAMESPACE,
    /** All that it may call. */
    MESH
  }
}
