package dev.weft.policy;

import java.time.Duration;
import java.util.Optional;

/**
 * How one client connects to a service, from a {@code DestinationRule}. Immutable.
 *
 * @param rule the document
 * @param maxConnections of this client to all endpoints, open at the same time; at least 1
 * @param connectTimeout of one attempt
 */
public record ConnectionPool(
    String rule, Optional<Integer> maxConnections, Optional<Duration> connectTimeout) {}
