package dev.weft.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a rule does to a request besides editing headers and choosing a backend. Immutable.
 *
 * @param retry when a request may be sent again; empty: only when it provably never left
 * @param rewrite changes of host and path before the request is sent
 * @param mirrors where copies go; their answers are dropped
 * @param fault delays and failures made on purpose
 * @param redirect an answer in place of forwarding: the application shall go elsewhere
 * @param answer an answer in place of forwarding
 * @param cors cross-origin rules of the destination
 * @param session how later requests of a session find the same endpoint
 */
public record RouteActions(
    Optional<Retry> retry,
    Optional<Rewrite> rewrite,
    List<Mirror> mirrors,
    Optional<Fault> fault,
    Optional<Redirect> redirect,
    Optional<DirectAnswer> answer,
    Optional<Cors> cors,
    Optional<SessionPersistence> session) {

  /** Nothing at all. */
  public static final RouteActions NONE =
      new RouteActions(
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** The same with other mirrors. */
  public RouteActions withMirrors(List<Mirror> others) {
    return new RouteActions(retry, rewrite, others, fault, redirect, answer, cors, session);
  }

  /** What is done to the requests of a backend which has {@code own} actions besides the rule's. */
  RouteActions with(RouteActions own) {
    List<Mirror> all = new ArrayList<>(mirrors);
    all.addAll(own.mirrors);
    return new RouteActions(
        own.retry.or(() -> retry),
        own.rewrite.or(() -> rewrite),
        List.copyOf(all),
        own.fault.or(() -> fault),
        redirect,
        answer,
        own.cors.or(() -> cors),
        own.session.or(() -> session));
  }

  /** The same with these two. */
  public RouteActions with(Optional<Retry> again, Optional<Fault> failing) {
    return new RouteActions(again, rewrite, mirrors, failing, redirect, answer, cors, session);
  }

  /**
   * When a request may be sent again (Gateway API {@code HTTPRouteRetry}, GEP-1731; Istio {@code
   * HTTPRetry}).
   *
   * @param attempts retries after the first attempt, 0 to 100; empty: the default of two. 0
   *     switches all retries off
   * @param codes HTTP statuses that are retried
   * @param conditions failures that are retried, besides those after which the request provably
   *     never left
   * @param backoff least pause before a retry; empty: 25 ms
   * @param perTryTimeout bounds one attempt; empty: the rule's
   */
  public record Retry(
      Optional<Integer> attempts,
      List<Integer> codes,
      List<RetryOn> conditions,
      Optional<Duration> backoff,
      Optional<Duration> perTryTimeout) {}

  /** Conditions of a retry, by Envoy's names ({@code connect-failure} ...). */
  public enum RetryOn {
    CONNECT_FAILURE,
    REFUSED_STREAM,
    RESET,
    GATEWAY_ERROR,
    SERVER_ERROR,
    RETRIABLE_4XX,
    GRPC_CANCELLED,
    GRPC_DEADLINE_EXCEEDED,
    GRPC_INTERNAL,
    GRPC_RESOURCE_EXHAUSTED,
    GRPC_UNAVAILABLE
  }

  /**
   * Changes of the request's target.
   *
   * @param host empty: as the application wrote it
   * @param path empty: as the application wrote it
   */
  public record Rewrite(Optional<String> host, Optional<PathChange> path) {}

  /**
   * A change of a path.
   *
   * @param prefix for {@link PathChangeKind#PREFIX}: the matched prefix that is replaced; for
   *     {@link PathChangeKind#REGEX}: the expression
   * @param value what stands there afterwards; with {@code \1} for the groups of an expression
   */
  public record PathChange(PathChangeKind kind, String prefix, String value) {}

  /** What of a path is replaced. */
  public enum PathChangeKind {
    FULL,
    PREFIX,
    REGEX
  }

  /**
   * Where a copy of a request goes, and of how many.
   *
   * @param backend its weight has no meaning
   * @param numerator of {@code numerator / denominator}, the share of requests that are copied
   */
  public record Mirror(WeightedBackend backend, int numerator, int denominator) {}

  /**
   * Failures made on purpose.
   *
   * @param delay waits before the request is sent
   * @param abort answers instead of sending it
   */
  public record Fault(Optional<Delay> delay, Optional<Abort> abort) {}

  /** A delay of some of the requests, {@code percent} from 0.0 to 100.0. */
  public record Delay(double percent, Duration duration) {}

  /**
   * A failure of some of the requests, {@code percent} from 0.0 to 100.0.
   *
   * @param httpStatus 200 to 599; empty when there is a {@code grpcStatus}
   * @param grpcStatus gRPC's name, such as {@code UNAVAILABLE}
   */
  public record Abort(double percent, Optional<Integer> httpStatus, Optional<String> grpcStatus) {}

  /**
   * An answer that sends the application elsewhere (Gateway API {@code HTTPRequestRedirectFilter}).
   *
   * @param scheme empty: the request's
   * @param host empty: the request's
   * @param port empty: of the scheme if there is one, else the request's; 0: of the scheme that the
   *     answer names, whoever says it
   * @param path empty: the request's
   * @param status 301, 302, 303, 307 or 308
   */
  public record Redirect(
      Optional<String> scheme,
      Optional<String> host,
      Optional<Integer> port,
      Optional<PathChange> path,
      int status) {}

  /** A fixed answer (Istio {@code HTTPDirectResponse}); {@code body} may be empty. */
  public record DirectAnswer(int status, String body) {}

  /**
   * Who may call across origins (Gateway API {@code HTTPCORSFilter}, Istio {@code CorsPolicy}).
   *
   * @param origins exact, {@code *}, or with one {@code *} in the host
   * @param originPatterns conditions that are no plain origins
   * @param maxAge how long a browser may keep the answer; empty: 5 s
   * @param serverAnswersOthers whether it is the server that tells origins which are not allowed
   *     here (Istio's {@code FORWARD}); empty: they are told nothing
   */
  public record Cors(
      List<String> origins,
      List<RouteMatch.TextMatch> originPatterns,
      List<String> methods,
      List<String> requestHeaders,
      List<String> exposedHeaders,
      boolean credentials,
      Optional<Duration> maxAge,
      Optional<Boolean> serverAnswersOthers) {}

  /**
   * How later requests of a session find the same endpoint (GEP-1619).
   *
   * @param kind where the session's key stands
   * @param name of the cookie or the header
   * @param absoluteTimeout the end of a session, however busy; empty: none
   * @param idleTimeout the end of a session without requests; empty: none
   * @param permanent whether a cookie outlives the browser's session
   * @param path of a cookie; empty: {@code /}
   */
  public record SessionPersistence(
      SessionKind kind,
      String name,
      Optional<Duration> absoluteTimeout,
      Optional<Duration> idleTimeout,
      boolean permanent,
      Optional<String> path) {

    /** Of all paths. */
    public SessionPersistence(
        SessionKind kind,
        String name,
        Optional<Duration> absoluteTimeout,
        Optional<Duration> idleTimeout,
        boolean permanent) {
      this(kind, name, absoluteTimeout, idleTimeout, permanent, Optional.empty());
    }
  }

  /** Where a session's key stands. */
  public enum SessionKind {
    COOKIE,
    HEADER
  }
}
