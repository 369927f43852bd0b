package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Whose session a client may resume: the replicas of a workload do not know each other's tickets.
 *
 * @param expected whom the server must prove to be; null: anybody of the trust domain
 * @param remote where it is
 */
record Destination(@Nullable SpiffeId expected, InetSocketAddress remote) {}
