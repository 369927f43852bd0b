/**
 * The request layer's core, shared by all libraries. {@link dev.weft.agent.traffic.ClientTraffic}
 * and {@link dev.weft.agent.traffic.ServerTraffic} are what adapters reach through the SPI.
 *
 * <p>How to read it: a request becomes a {@link dev.weft.policy.Decision} of the current snapshot,
 * once. {@code RequestRates} may refuse it, {@code Answers} are for what never leaves, and an
 * {@code OutboundExchange} carries the rest out over its attempts: {@code Faults} fail it on
 * purpose, the {@code Upstream} (what is under way to a destination, with its {@code RetryBudget}
 * and {@code Circuit}) says whether it may go, {@link dev.weft.agent.balance.EndpointChoice} names
 * the endpoint of each attempt, {@code Retries} say whether there is another, {@code Mirrors} send
 * copies. Inbound requests pass the access gate; how long their callers wait bounds the calls made
 * on their behalf ({@code Deadlines}).
 */
@NullMarked
package dev.weft.agent.traffic;

import org.jspecify.annotations.NullMarked;
