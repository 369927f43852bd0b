package dev.weft.policy.compile;

import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteRule;
import java.time.Duration;
import java.util.Optional;

/**
 * Retries and timeouts of the rules that say nothing about them. Immutable.
 *
 * @param title the document that says most of it
 * @param request bounds the whole request
 * @param attempt bounds one attempt
 */
record RuleDefaults(
    String title,
    Optional<RouteActions.Retry> retry,
    Optional<Duration> request,
    Optional<Duration> attempt) {

  /** A rule with them. What does not fit the rule's own timeouts is left out. */
  RouteRule on(RouteRule rule) {
    RouteActions actions = rule.actions().orElse(RouteActions.NONE);
    if (actions.redirect().isPresent() || actions.answer().isPresent()) {
      return rule;
    }
    Optional<Duration> whole =
        rule.requestTimeout().or(() -> request.filter(limit -> fits(rule.backendTimeout(), limit)));
    Optional<Duration> single =
        rule.backendTimeout()
            .or(() -> attempt.filter(limit -> whole.isEmpty() || fits(attempt, whole.get())));
    RouteActions with = actions.with(actions.retry().or(() -> retry), actions.fault());
    return rule.with(
        rule.matches(),
        whole,
        single,
        with.equals(RouteActions.NONE) ? Optional.empty() : Optional.of(with));
  }

  private static boolean fits(Optional<Duration> attempt, Duration whole) {
    return attempt.isEmpty() || attempt.get().compareTo(whole) <= 0;
  }
}
