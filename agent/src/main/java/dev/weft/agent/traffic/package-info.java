/**
 * The request layer's core, shared by all libraries. {@link dev.weft.agent.traffic.ClientTraffic}
 * and {@link dev.weft.agent.traffic.ServerTraffic} are what adapters reach through the SPI.
 *
 * <p>How to read it: a request becomes a {@link dev.weft.policy.Decision} of the current snapshot,
 * once; an {@code OutboundExchange} carries it out over its attempts; a {@link
 * dev.weft.agent.balance.Balancer} names the endpoint of each attempt, {@code Retries} and the
 * {@code RetryBudget} say whether there is another. Inbound requests pass the access gate and
 * nothing else.
 */
@NullMarked
package dev.weft.agent.traffic;

import org.jspecify.annotations.NullMarked;
