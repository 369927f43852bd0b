/**
 * The workload's certificate and the trust in others'.
 *
 * <p>{@link dev.weft.agent.identity.IdentityStore} holds the current {@link
 * dev.weft.agent.identity.Identity}; it comes from {@link dev.weft.agent.identity.Enrolment} and
 * {@link dev.weft.agent.identity.Renewal} or from {@link dev.weft.agent.identity.IdentityFiles}.
 * {@link dev.weft.agent.identity.MeshTls} makes the engines of mesh connections from it, {@link
 * dev.weft.agent.identity.ControlTls} the connections to the config server. What a peer must prove
 * stands in {@code SvidCheck}.
 */
@NullMarked
package dev.weft.agent.identity;

import org.jspecify.annotations.NullMarked;
