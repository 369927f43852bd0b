/**
 * The wire layer: mutual TLS and connection policy below every Java TCP socket.
 *
 * <p>From the outside in: {@link dev.weft.agent.wire.WireLayer} hears when sockets are made and
 * attaches a {@link dev.weft.agent.wire.MeshConnection} where policy wants one; woven JDK code then
 * reads and writes through it. A connection is a small state machine; its records pass a {@link
 * dev.weft.agent.wire.TlsLink}; until it is established the {@link dev.weft.agent.wire.Driver},
 * never an application thread, moves it on. {@link dev.weft.agent.wire.PendingReads} tells
 * selectors about bytes that we hold and the kernel does not. {@link dev.weft.agent.wire.NativeIo}
 * is the only class that knows JDK internals.
 */
@NullMarked
package dev.weft.agent.wire;

import org.jspecify.annotations.NullMarked;
