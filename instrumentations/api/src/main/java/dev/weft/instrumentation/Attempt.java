package dev.weft.instrumentation;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Send it there. Immutable.
 *
 * @param address where to dial; resolved, and its host name is the one the application wrote
 * @param requestHeaders edits of policy, then the trace context; applied in order to the request
 *     that goes over the wire, never to the application's own object
 * @param backoff pause before this attempt; zero for the first
 * @param timeout bounds this attempt after the pause; empty: none
 * @param connectTimeout upper bound for establishing a connection
 */
public record Attempt(
    InetSocketAddress address,
    List<HeaderChange> requestHeaders,
    Duration backoff,
    Optional<Duration> timeout,
    Duration connectTimeout)
    implements Step {}
