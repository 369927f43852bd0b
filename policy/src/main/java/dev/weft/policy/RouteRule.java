package dev.weft.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One rule of a route (Gateway API {@code HTTPRouteRule}, Istio {@code HTTPRoute}). Immutable.
 *
 * @param name the rule's name, else its index as text
 * @param matches any of them selects the rule; empty: every request
 * @param requestHeaders edits of the request before it is sent
 * @param responseHeaders edits of the response before the application sees it
 * @param backends weighted destinations; empty: the service itself
 * @param requestTimeout bounds the whole request with its retries; empty: none
 * @param backendTimeout bounds one attempt; empty: none
 * @param route the document, when the route is made of several; empty: the route's name
 * @param actions everything else that is done to a request
 */
public record RouteRule(
    String name,
    List<RouteMatch> matches,
    List<HeaderEdit> requestHeaders,
    List<HeaderEdit> responseHeaders,
    List<WeightedBackend> backends,
    Optional<Duration> requestTimeout,
    Optional<Duration> backendTimeout,
    Optional<String> route,
    Optional<RouteActions> actions) {

  /** A rule that edits headers and forwards. */
  public RouteRule(
      String name,
      List<RouteMatch> matches,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders,
      List<WeightedBackend> backends,
      Optional<Duration> requestTimeout,
      Optional<Duration> backendTimeout) {
    this(
        name,
        matches,
        requestHeaders,
        responseHeaders,
        backends,
        requestTimeout,
        backendTimeout,
        Optional.empty(),
        Optional.empty());
  }

  /** The same rule with these matches, timeouts and actions. */
  public RouteRule with(
      List<RouteMatch> matched,
      Optional<Duration> request,
      Optional<Duration> attempt,
      Optional<RouteActions> acting) {
    return new RouteRule(
        name, matched, requestHeaders, responseHeaders, backends, request, attempt, route, acting);
  }
}
