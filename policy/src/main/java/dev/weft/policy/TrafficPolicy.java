package dev.weft.policy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How this client treats a service, or a subset of it, on some ports: from {@code
 * DestinationRule}s, {@code ResiliencePolicy}s and {@code XBackendTrafficPolicy}s. What is empty
 * has the mesh's default. Immutable.
 *
 * @param rule the document that says most of it
 * @param ports the service's ports it is for; empty: all that no other policy names
 * @param balancing how endpoints are chosen
 * @param limits how many requests may be under way
 * @param outliers when endpoints are left out
 * @param retryBudget how many requests may be retries
 * @param tls how the connection is secured where the mesh does not do it
 * @param session how later requests of a session find the same endpoint, where no rule says so
 * @param hedging when a request is sent a second time before the first has been answered
 * @param circuit when no request is sent for a while
 */
public record TrafficPolicy(
    String rule,
    List<Integer> ports,
    Optional<LoadBalancing> balancing,
    Optional<RequestLimits> limits,
    Optional<OutlierDetection> outliers,
    Optional<RetryBudget> retryBudget,
    Optional<UpstreamTls> tls,
    Optional<RouteActions.SessionPersistence> session,
    Optional<Hedging> hedging,
    Optional<Circuit> circuit) {

  /** What standards and Istio can say. */
  public TrafficPolicy(
      String rule,
      List<Integer> ports,
      Optional<LoadBalancing> balancing,
      Optional<RequestLimits> limits,
      Optional<OutlierDetection> outliers,
      Optional<RetryBudget> retryBudget,
      Optional<UpstreamTls> tls,
      Optional<RouteActions.SessionPersistence> session) {
    this(
        rule,
        ports,
        balancing,
        limits,
        outliers,
        retryBudget,
        tls,
        session,
        Optional.empty(),
        Optional.empty());
  }

  /** A policy that leaves sessions to the rules. */
  public TrafficPolicy(
      String rule,
      List<Integer> ports,
      Optional<LoadBalancing> balancing,
      Optional<RequestLimits> limits,
      Optional<OutlierDetection> outliers,
      Optional<RetryBudget> retryBudget,
      Optional<UpstreamTls> tls) {
    this(rule, ports, balancing, limits, outliers, retryBudget, tls, Optional.empty());
  }

  /** The same for these ports. */
  public TrafficPolicy on(List<Integer> others) {
    return new TrafficPolicy(rule, others, balancing, limits, outliers, retryBudget, tls);
  }

  /**
   * The choice of an endpoint.
   *
   * @param hash what {@code RING_HASH} and {@code MAGLEV} hash
   * @param tableSize least ring size, or size of Maglev's table; empty: 1024, 65537
   * @param choices of {@code LEAST_REQUEST}; empty: 2
   * @param slowStart how long a new endpoint's share grows; empty: not at all
   * @param locality which zones come first; empty: own zone, own region, all
   */
  public record LoadBalancing(
      Algorithm algorithm,
      Optional<HashKey> hash,
      Optional<Integer> tableSize,
      Optional<Integer> choices,
      Optional<Duration> slowStart,
      Optional<LocalityBalancing> locality) {}

  /** How an endpoint is chosen. */
  public enum Algorithm {
    PEAK_EWMA,
    ROUND_ROBIN,
    LEAST_REQUEST,
    RANDOM,
    RING_HASH,
    MAGLEV,
    /** Wherever the application connects to. */
    PASSTHROUGH
  }

  /**
   * What of a request is hashed.
   *
   * @param name of the header, cookie or query parameter; empty for {@code SOURCE}
   * @param cookieTtl where the agent makes the cookie when there is none; empty: it does not
   * @param cookiePath of a cookie that the agent makes
   */
  public record HashKey(
      HashSource source, String name, Optional<Duration> cookieTtl, Optional<String> cookiePath) {}

  /** Where a hash key stands. */
  public enum HashSource {
    HEADER,
    COOKIE,
    QUERY,
    SOURCE
  }

  /**
   * Balancing over zones (Istio {@code LocalityLoadBalancerSetting}).
   *
   * @param enabled whether nearness counts at all
   * @param distribute from a locality ({@code region/zone/*}) to shares of localities in percent
   * @param failover from region to region
   * @param failoverPriority labels whose agreement makes an endpoint near, most important first
   */
  public record LocalityBalancing(
      boolean enabled,
      Map<String, Map<String, Integer>> distribute,
      Map<String, String> failover,
      List<String> failoverPriority) {}

  /**
   * How many requests of this client may be under way (Istio {@code HTTPSettings}).
   *
   * @param maxPending waiting for a connection
   * @param maxRequests under way at once
   * @param maxRetries retries under way at once
   * @param maxRequestsPerConnection before a connection is left
   * @param idleTimeout of pooled connections
   */
  public record RequestLimits(
      Optional<Integer> maxPending,
      Optional<Integer> maxRequests,
      Optional<Integer> maxRetries,
      Optional<Integer> maxRequestsPerConnection,
      Optional<Duration> idleTimeout) {}

  /**
   * When an endpoint is left out (Istio {@code OutlierDetection}).
   *
   * @param consecutiveErrors 5xx and connection failures in a row; empty: 5, 0: never
   * @param consecutiveGatewayErrors 502, 503, 504 and connection failures in a row; empty: never
   * @param consecutiveLocalFailures connection failures in a row, where they are told apart
   * @param interval between two looks; empty: 10 s
   * @param baseEjection the first time that an endpoint stays out; empty: 30 s
   * @param maxEjectionPercent of a service's endpoints; empty: 10
   * @param minHealthPercent below which nobody is left out; empty: 0
   */
  public record OutlierDetection(
      Optional<Integer> consecutiveErrors,
      Optional<Integer> consecutiveGatewayErrors,
      Optional<Integer> consecutiveLocalFailures,
      Optional<Duration> interval,
      Optional<Duration> baseEjection,
      Optional<Integer> maxEjectionPercent,
      Optional<Integer> minHealthPercent) {}

  /**
   * How many requests may be retries (GEP-3388).
   *
   * @param percent of the requests of the interval, 0 to 100
   * @param interval 1 s to 1 h
   * @param minPerSecond retries that are always allowed
   * @param overspent status of the answer to a request that would be a retry beyond it; empty: what
   *     the last attempt came to
   */
  public record RetryBudget(
      int percent, Duration interval, int minPerSecond, Optional<Integer> overspent) {
    /** One that leaves requests beyond it what they came to. */
    public RetryBudget(int percent, Duration interval, int minPerSecond) {
      this(percent, interval, minPerSecond, Optional.empty());
    }
  }

  /**
   * TLS towards endpoints that are not of the mesh; those of the mesh have the mesh's own.
   *
   * @param sni empty: the host called
   * @param subjectAltNames of which the certificate must have one; empty: the host called
   */
  public record UpstreamTls(
      UpstreamTlsMode mode, Optional<String> sni, List<String> subjectAltNames) {}

  /**
   * Sends a request once more, to another endpoint, when the answer takes long; the first answer
   * counts, the other request is cancelled. Only of idempotent methods (RFC 9110, section 9.2.2).
   *
   * @param delay without an answer
   * @param attempts how many more, each {@code delay} after the one before; 1 to 5
   */
  public record Hedging(Duration delay, int attempts) {}

  /**
   * Sends nothing at all for a while where most requests fail.
   *
   * @param failurePercent of the requests of a window at which it opens, 1 to 100
   * @param minRequests of a window below which it does not open
   * @param window over which requests are counted
   * @param open how long nothing is sent
   * @param probes how many requests are let through then; if all succeed it closes
   */
  public record Circuit(
      int failurePercent, int minRequests, Duration window, Duration open, int probes) {}

  /** Istio's {@code ClientTLSSettings} modes. */
  public enum UpstreamTlsMode {
    DISABLE,
    SIMPLE,
    MUTUAL,
    MESH
  }
}
