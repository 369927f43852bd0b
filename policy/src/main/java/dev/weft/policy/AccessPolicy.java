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

  /**
   * What a matching policy does. DENY is looked at first, then ALLOW.
   *
   * <p>Agents refuse a snapshot with an action that they do not know. So a rule whose conditions an
   * older agent would overlook comes with an action of its own, and that agent stays with what it
   * has instead of allowing more or denying less.
   */
  public enum Action {
    ALLOW,
    DENY,
    /** As {@link #ALLOW}, with conditions. */
    ALLOW_WHEN,
    /** As {@link #DENY}, with conditions. */
    DENY_WHEN,
    /** Decides nothing, is only named in the decision. */
    AUDIT,
    /**
     * The tokens of requests must be judged by {@link Inbound#jwtRules}: where nobody sees the
     * requests of a connection that it matches, the connection is refused.
     */
    AUTHENTICATE
  }

  /** A policy whose action tells older agents what they cannot do. */
  public static AccessPolicy of(
      String name, Action action, boolean dryRun, List<AccessRule> rules) {
    Action exact =
        rules.stream().noneMatch(AccessRule::hasConditions)
            ? action
            : switch (action) {
              case ALLOW -> Action.ALLOW_WHEN;
              case DENY -> Action.DENY_WHEN;
              default -> action;
            };
    return new AccessPolicy(name, exact, dryRun, rules);
  }

  /** Whether whom it matches may pass. */
  public boolean allows() {
    return action == Action.ALLOW || action == Action.ALLOW_WHEN;
  }

  /** Whether whom it matches may not pass. */
  public boolean denies() {
    return action == Action.DENY || action == Action.DENY_WHEN;
  }
}
