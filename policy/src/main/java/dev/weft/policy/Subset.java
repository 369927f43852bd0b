package dev.weft.policy;

import java.util.List;
import java.util.Map;

/**
 * A named part of a service's endpoints (Istio {@code Subset}). Immutable.
 *
 * @param labels that its endpoints carry
 * @param policies what differs from the service's; port by port, the ones with ports first
 */
public record Subset(String name, Map<String, String> labels, List<TrafficPolicy> policies) {}
