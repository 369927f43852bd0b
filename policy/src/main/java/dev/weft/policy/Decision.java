package dev.weft.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What shall happen to a {@link Call}. Immutable. */
public sealed interface Decision {
  /** The policy rule behind this decision; logs, spans and error messages carry it. */
  String rule();

  /** The host belongs to no service of the mesh. */
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
   */
  record Forward(
      String rule,
      Service service,
      List<Endpoint> endpoints,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders,
      Optional<Duration> requestTimeout,
      Optional<Duration> backendTimeout)
      implements Decision {}

  /**
   * Answer it here.
   *
   * @param status HTTP status: 404 no match, 500 invalid backend, 503 no ready endpoint
   * @param flag Envoy's response flag: {@code NR}, {@code UH} ...
   * @param reason a sentence for people
   */
  record Reject(String rule, int status, String flag, String reason) implements Decision {}
}
