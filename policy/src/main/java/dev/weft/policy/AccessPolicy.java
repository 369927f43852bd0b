package dev.weft.policy;

import java.util.List;

/**
 * A compiled {@code AuthorizationPolicy} (Istio {@code security.istio.io/v1}). Immutable.
 *
 * @param name rule name in messages: {@code AuthorizationPolicy default/pay-viewer}
 * @param dryRun decides nothing; is counted and logged
 * @param rules any of them matches the policy; empty: it matches nothing
 */
public record AccessPolicy(String name, Action action, boolean dryRun, List<AccessRule> rules) {

  /** What a matching policy does. DENY is looked at first, then ALLOW. */
  public enum Action {
    ALLOW,
    DENY
  }
}
