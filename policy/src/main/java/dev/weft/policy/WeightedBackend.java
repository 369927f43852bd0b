package dev.weft.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A weighted destination of a rule (Gateway API {@code HTTPBackendRef}, Istio {@code
 * HTTPRouteDestination}). Immutable.
 *
 * @param service key {@code namespace/name} of the backend service
 * @param port the backend service's port
 * @param weight 0 to 1,000,000
 * @param subset labels that its endpoints must carry; empty: all of them
 * @param invalid why it cannot be used (a dead reference); empty: it can. Its share of the traffic
 *     gets 500
 * @param requestHeaders edits for requests that go to this backend
 * @param responseHeaders edits for responses that come from it
 * @param subsetName the {@link Subset} whose policies count; empty: the service's
 * @param actions what is done to the backend's requests besides what the rule does; its rewrite and
 *     its CORS go before the rule's. It has neither redirect nor answer
 */
public record WeightedBackend(
    String service,
    int port,
    int weight,
    Map<String, String> subset,
    String invalid,
    List<HeaderEdit> requestHeaders,
    List<HeaderEdit> responseHeaders,
    Optional<String> subsetName,
    Optional<RouteActions> actions) {

  /** A backend to which requests go as the rule says. */
  public WeightedBackend(
      String service,
      int port,
      int weight,
      Map<String, String> subset,
      String invalid,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders,
      Optional<String> subsetName) {
    this(
        service,
        port,
        weight,
        subset,
        invalid,
        requestHeaders,
        responseHeaders,
        subsetName,
        Optional.empty());
  }

  /** A backend without a named subset. */
  public WeightedBackend(
      String service,
      int port,
      int weight,
      Map<String, String> subset,
      String invalid,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders) {
    this(service, port, weight, subset, invalid, requestHeaders, responseHeaders, Optional.empty());
  }
}
