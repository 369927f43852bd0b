package dev.weft.policy.document;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.ServicePort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a document says, checked on its own; references are still names. Immutable. */
public sealed interface Spec {

  /** A document that is accepted and says nothing to the mesh. */
  record Nothing() implements Spec {}

  /**
   * A core {@code Service}.
   *
   * @param selector labels that its workloads carry; empty: it has no workloads
   * @param ports TCP ports only
   */
  record ServiceSpec(Map<String, String> selector, List<TargetedPort> ports) implements Spec {}

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

  /** A Gateway API {@code HTTPRoute}. */
  record HttpRouteSpec(List<ParentRef> parents, List<HttpRule> rules) implements Spec {}

  /** A Service whose traffic a route takes, on one port or on all. */
  record ParentRef(
      String namespace,
      String name,
      Optional<Integer> port,
      Optional<String> sectionName,
      Place place) {
    /** Kubernetes' {@code namespace/name}. */
    public String key() {
      return namespace + "/" + name;
    }
  }

  /**
   * One rule of a route.
   *
   * @param name its name, else its index as text
   * @param invalid why no request that it takes can be answered; empty: they can
   */
  record HttpRule(
      String name,
      List<RouteMatch> matches,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders,
      List<BackendRef> backends,
      Optional<Duration> requestTimeout,
      Optional<Duration> backendTimeout,
      String invalid) {}

  /**
   * A weighted reference to a Service.
   *
   * @param invalid why it cannot be used whatever it names; empty: it can
   */
  record BackendRef(
      String namespace,
      String name,
      int port,
      int weight,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders,
      String invalid,
      Place place) {
    /** Kubernetes' {@code namespace/name}. */
    public String key() {
      return namespace + "/" + name;
    }
  }

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
   * An Istio {@code AuthorizationPolicy}.
   *
   * @param selector empty: the whole namespace, or the mesh
   */
  record AuthorizationPolicySpec(
      Map<String, String> selector,
      AccessPolicy.Action action,
      boolean dryRun,
      List<AccessRule> rules)
      implements Spec {}

  /**
   * An Istio {@code DestinationRule}, as far as it concerns connections.
   *
   * @param host as it stands there: short names belong to the document's namespace
   */
  record DestinationRuleSpec(
      String host, Optional<Integer> maxConnections, Optional<Duration> connectTimeout)
      implements Spec {}

  /**
   * An Istio {@code Telemetry}.
   *
   * @param selector empty: the whole namespace, or the mesh
   * @param accessLog empty: inherits
   */
  record TelemetrySpec(Map<String, String> selector, Optional<Boolean> accessLog) implements Spec {}

  /** Weft's {@code RateLimitPolicy}. */
  record RateLimitPolicySpec(
      List<TargetRef> targets,
      Optional<Integer> maxConnections,
      Optional<Integer> handshakesPerSecond,
      Optional<Integer> handshakeBurst)
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
   */
  record MeshConfigSpec(
      Optional<MtlsMode> mtls,
      List<String> meshNetworks,
      List<String> revoked,
      Optional<Integer> retryBudgetPercent,
      Optional<Integer> retryBudgetMinPerSecond,
      Optional<Double> traceSamplingPercent,
      Optional<Boolean> accessLog,
      Optional<AccessLogFormat> accessLogFormat)
      implements Spec {}
}
