package dev.weft.policy;

import java.util.List;

/**
 * A compiled route of one service. Immutable.
 *
 * @param name rule name in messages: {@code HTTPRoute default/pay-canary}
 * @param ports the service ports it binds; empty: all
 * @param rules in document order; {@link Router} applies the precedence of Gateway API
 */
public record Route(String name, List<Integer> ports, List<RouteRule> rules) {}
