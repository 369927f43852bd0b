/**
 * The workload's certificate and the trust in others'.
 *
 * <p>{@link dev.weft.agent.identity.IdentityStore} holds the current {@link
 * dev.weft.agent.identity.Identity}; it comes from {@link dev.weft.agent.identity.Enrolment} and
 * {@link dev.weft.agent.identity.Renewal} or from {@link dev.weft.agent.identity.IdentityFiles}.
 * {@link dev.weft.agent.identity.MeshTls} makes the engines of mesh connections from it, {@link
 * dev.weft.agent.identity.ControlTls} the connections to the config server.
 *
 * <p>{@link dev.weft.agent.identity.ChosenTls} is what {@code weft.tls.provider} says: {@code
 * JsseMeshTls} on the JDK's TLS or {@code OpenSslMeshTls} on BoringSSL. Both hold a context per
 * {@code Epochs epoch} and keep {@code Tickets} of earlier sessions. What a peer must prove stands
 * in {@code SvidCheck}; {@code PeerCheck} asks it at each handshake.
 */
@NullMarked
package dev.weft.agent.identity;

import org.jspecify.annotations.NullMarked;
