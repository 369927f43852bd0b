/**
 * The wire layer: mutual TLS and connection policy below every Java TCP socket.
 *
 * <p>From the outside in: {@link dev.weft.agent.wire.WireLayer} hears when sockets are made and
 * attaches a {@link dev.weft.agent.wire.MeshConnection} where policy wants one; woven JDK code then
 * reads and writes through it. A connection is a small state machine: {@link
 * dev.weft.agent.wire.Opening} until it is settled, moved on by the {@link
 * dev.weft.agent.wire.Driver} and never by an application thread; then its records pass a {@link
 * dev.weft.agent.wire.TlsLink} on the application's own threads; {@link
 * dev.weft.agent.wire.Closing} in the end. What it asks of the layer is {@link
 * dev.weft.agent.wire.ConnectionHost}, what of the kernel {@link dev.weft.agent.wire.SocketIo}, so
 * that both can be played by tests. {@link dev.weft.agent.wire.PendingReads} tells selectors about
 * bytes that we hold and the kernel does not. {@link dev.weft.agent.wire.NativeIo} is the only
 * class that knows JDK internals.
 *
 * <p>What can go wrong here, which class prevents it and which test would notice: {@code
 * docs/reliability.md}.
 */
@NullMarked
package dev.weft.agent.wire;

import org.jspecify.annotations.NullMarked;
