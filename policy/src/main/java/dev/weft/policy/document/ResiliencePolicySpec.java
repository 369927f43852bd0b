package dev.weft.policy.document;

import dev.weft.policy.RouteActions;
import dev.weft.policy.TrafficPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Weft's {@code ResiliencePolicy}. Immutable.
 *
 * @param maxConnections of one client, open at the same time
 * @param connectTimeout of one attempt
 * @param traffic its rule and its ports are empty
 * @param retry of rules that say nothing about retries
 * @param requestTimeout of rules without one; empty: none
 * @param backendTimeout of one attempt, of rules without one; empty: none
 */
public record ResiliencePolicySpec(
    List<Spec.TargetRef> targets,
    Optional<Integer> maxConnections,
    Optional<Duration> connectTimeout,
    TrafficPolicy traffic,
    Optional<RouteActions.Retry> retry,
    Optional<Duration> requestTimeout,
    Optional<Duration> backendTimeout)
    implements Spec.Own {}
