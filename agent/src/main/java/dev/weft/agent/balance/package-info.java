/**
 * Which of several endpoints: {@link dev.weft.agent.balance.Balancer} chooses, {@link
 * dev.weft.agent.balance.EndpointLoad} is what it knows of one. The request layer and the wire
 * layer each have a balancer of their own, because a request's latency is not a connection's.
 */
@NullMarked
package dev.weft.agent.balance;

import org.jspecify.annotations.NullMarked;
