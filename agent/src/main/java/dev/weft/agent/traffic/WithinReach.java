package dev.weft.agent.traffic;

import dev.weft.policy.Decision;
import dev.weft.policy.RouteActions;

/**
 * What of a decision this agent can carry out. A request whose rule wants it changed in a way that
 * is not written yet is answered, not sent unchanged (Gateway API: a filter that cannot be applied
 * must not be skipped). Stateless.
 */
final class WithinReach {
  private static final int INTERNAL_ERROR = 500;

  private WithinReach() {}

  /** The decision, or a rejection in its place. */
  static Decision of(Decision decision) {
    if (decision instanceof Decision.Forward forward) {
      RouteActions actions = forward.delivery().actions();
      return actions.rewrite().isPresent() ? refused(decision, "URL rewrites") : decision;
    }
    if (decision instanceof Decision.Redirect) {
      return refused(decision, "redirects");
    }
    if (decision instanceof Decision.Answer answer) {
      return new Decision.Reject(answer.rule(), answer.status(), "", answer.body());
    }
    return decision;
  }

  private static Decision refused(Decision decision, String what) {
    return new Decision.Reject(
        decision.rule(), INTERNAL_ERROR, "NR", what + " are not carried out by this agent yet");
  }
}
