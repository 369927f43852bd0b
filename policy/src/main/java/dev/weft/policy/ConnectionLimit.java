package dev.weft.policy;

import java.util.List;
import java.util.Optional;

/**
 * How many connections a workload accepts, from a {@code RateLimitPolicy}. Immutable.
 *
 * @param rule the document
 * @param ports the ports that the workload listens on and that share the limit; ascending, never
 *     empty
 * @param maxConnections open at the same time; at least 1
 * @param handshakesPerSecond new connections per second, in the long run; at least 1
 * @param handshakeBurst new connections that may come at once after a pause; at least 1
 */
public record ConnectionLimit(
    String rule,
    List<Integer> ports,
    Optional<Integer> maxConnections,
    Optional<Integer> handshakesPerSecond,
    Optional<Integer> handshakeBurst) {}
