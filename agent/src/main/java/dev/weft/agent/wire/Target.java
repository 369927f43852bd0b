package dev.weft.agent.wire;

import dev.weft.policy.Endpoint;
import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One place to which a connect call may lead. Immutable.
 *
 * @param address where to dial; it has the name that the application called
 * @param mesh whether the connection carries mesh TLS
 * @param expected the identity to insist on; null: any of the mesh
 * @param endpoint null: an address that policy knows without a service
 */
record Target(
    InetSocketAddress address,
    boolean mesh,
    @Nullable SpiffeId expected,
    @Nullable Endpoint endpoint) {}
