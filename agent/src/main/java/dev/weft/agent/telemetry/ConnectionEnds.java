package dev.weft.agent.telemetry;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Peer;
import dev.weft.policy.Service;
import org.jspecify.annotations.Nullable;

/**
 * Between whom a connection is, as the wire layer knows it. Immutable.
 *
 * @param outbound whether this workload has made it
 * @param peer the other end, as far as proven
 * @param service the service that was called; null: inbound, or none that policy knows
 * @param endpoint the endpoint that was dialled; null: inbound, or none that policy knows
 */
public record ConnectionEnds(
    boolean outbound, Peer peer, @Nullable Service service, @Nullable Endpoint endpoint) {}
