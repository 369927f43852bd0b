/**
 * Reactor Netty's HTTP client, and so Spring's {@code WebClient}. {@link
 * dev.weft.instrumentation.reactornetty.ReactorNettyInstrumentation} says where it is woven, {@link
 * dev.weft.instrumentation.reactornetty.Subscribed} takes one subscription over, {@link
 * dev.weft.instrumentation.reactornetty.Hop} one request of it.
 */
@NullMarked
package dev.weft.instrumentation.reactornetty;

import org.jspecify.annotations.NullMarked;
