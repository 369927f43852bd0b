/**
 * The policy core: the immutable {@link dev.weft.policy.Snapshot} that both the agent's layers
 * read, and the pure decisions on it.
 *
 * <p>How to read it: a {@link dev.weft.policy.Call} and a snapshot go into {@link
 * dev.weft.policy.Router}, a {@link dev.weft.policy.Decision} comes out; a {@link
 * dev.weft.policy.Peer} and the workload's {@link dev.weft.policy.Inbound} go into {@link
 * dev.weft.policy.Access}, an {@link dev.weft.policy.AccessDecision} comes out. Documents become
 * snapshots in {@code dev.weft.policy.document} and {@code dev.weft.policy.compile}.
 *
 * <p>No I/O, no clock, no threads: everything here is a value or a pure function.
 */
@NullMarked
package dev.weft.policy;

import org.jspecify.annotations.NullMarked;
