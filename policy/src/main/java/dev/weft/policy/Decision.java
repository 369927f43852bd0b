package dev.weft.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What shall happen to a {@link Call}. Immutable. */
public sealed interface Decision {
  /** The policy rule behind this decision; logs, spans and error messages carry it. */
  String rule();

  /** The host belongs to no service of the mesh, or to one that is reached as without the mesh. */
  record PassThrough(String rule) implements Decision {}

  /**
   * Send it to one of these endpoints.
   *
   * @param service the service whose endpoint will be chosen
   * @param endpoints candidates that are ready; never empty
   * @param requestHeaders edits of rule and backend, in that order
   * @param responseHeaders edits of rule and backend, in that order
   * @param requestTimeout bounds everything; empty: none
   * @param backendTimeout bounds one attempt; empty: none
   * @param delivery how it is sent
   */
  record Forward(
      String rule,
      Service service,
      List<Endpoint> endpoints,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders,
      Optional<Duration> requestTimeout,
      Optional<Duration> backendTimeout,
      Delivery delivery)
      implements Decision {

    /** Sends by the defaults. */
    public Forward(
        String rule,
        Service service,
        List<Endpoint> endpoints,
        List<HeaderEdit> requestHeaders,
        List<HeaderEdit> responseHeaders,
        Optional<Duration> requestTimeout,
        Optional<Duration> backendTimeout) {
      this(
          rule,
          service,
          endpoints,
          requestHeaders,
          responseHeaders,
          requestTimeout,
          backendTimeout,
          Delivery.DEFAULT);
    }
  }

  /**
   * How a request is sent.
   *
   * @param destination what it is sent to as a whole, which limits and failures are counted for:
   *     {@code namespace/name:port}, with {@code |subset} where there is one
   * @param actions what the rule does to it; {@code redirect} and {@code answer} are empty
   * @param policies how the chosen service or subset is treated on its port; the first that says
   *     something about a matter counts
   * @param mirrors where copies go, resolved
   * @param crossOrigin edits responses to requests of other origins; empty: nothing does
   */
  record Delivery(
      String destination,
      RouteActions actions,
      List<TrafficPolicy> policies,
      List<Copy> mirrors,
      Optional<CrossOrigin> crossOrigin) {
    /** The same, with the actions' own rules for other origins. */
    public Delivery(
        String destination,
        RouteActions actions,
        List<TrafficPolicy> policies,
        List<Copy> mirrors) {
      this(destination, actions, policies, mirrors, actions.cors().map(CrossOrigin::of));
    }

    /** By the mesh's defaults. */
    public static final Delivery DEFAULT =
        new Delivery("", RouteActions.NONE, List.of(), List.of());

    /** What the first policy says that says anything about a matter. */
    public <T> Optional<T> first(Function<TrafficPolicy, Optional<T>> matter) {
      for (int i = 0; i < policies.size(); i++) {
        Optional<T> said = matter.apply(policies.get(i));
        if (said.isPresent()) {
          return said;
        }
      }
      return Optional.empty();
    }
  }

  /**
   * A copy for another service.
   *
   * @param endpoints candidates that are ready; never empty
   * @param numerator of {@code numerator / denominator}, the share of requests that are copied
   */
  record Copy(Service service, List<Endpoint> endpoints, int numerator, int denominator) {}

  /**
   * Answer it here.
   *
   * @param status HTTP status: 404 no match, 500 invalid backend, 503 no ready endpoint
   * @param flag Envoy's response flag: {@code NR}, {@code UH} ...
   * @param reason a sentence for people
   */
  record Reject(String rule, int status, String flag, String reason) implements Decision {}

  /**
   * Answer it here with a redirect.
   *
   * @param status 301, 302, 303, 307 or 308
   * @param location an absolute URI
   */
  record Redirect(String rule, int status, String location) implements Decision {}

  /**
   * Answer it here: it asks whether another origin may send a request.
   *
   * @param headers of the answer; empty: it may not
   */
  record Preflight(String rule, List<HeaderEdit> headers) implements Decision {}

  /** Answer it here, as the rule says; {@code body} may be empty. */
  record Answer(String rule, int status, String body) implements Decision {}
}
