/**
 * Netty where it goes round the JDK. {@link
 * dev.weft.instrumentation.netty.NettyNativeInstrumentation} keeps it off its native transports,
 * {@link dev.weft.instrumentation.netty.NettyDnsInstrumentation} teaches its own DNS resolver the
 * hosts of the mesh. Both know copies of Netty inside other libraries, so they name no type of it.
 */
@NullMarked
package dev.weft.instrumentation.netty;

import org.jspecify.annotations.NullMarked;
