package dev.weft.policy.validate;

import dev.weft.policy.RouteActions;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import dev.weft.policy.tree.DurationText;
import java.time.Duration;
import java.util.Optional;

/** Times of one rule that contradict each other. Stateless. */
final class Timeouts {
  private static final int DEFAULT_RETRIES = 2;
  private static final Duration DEFAULT_BACKOFF = Duration.ofMillis(25);

  private Timeouts() {}

  static void check(Scene scene, Validation.Findings findings) {
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.RouteSpec route) {
        for (Spec.RoutePart part : route.parts()) {
          part.rules().forEach(rule -> check(rule, findings));
        }
      }
    }
  }

  private static void check(Spec.RuleSpec rule, Validation.Findings findings) {
    if (rule.requestTimeout().isEmpty()) {
      return;
    }
    Duration request = rule.requestTimeout().get();
    RouteActions actions = rule.actions();
    Optional<Duration> attempt =
        actions.retry().flatMap(RouteActions.Retry::perTryTimeout).or(rule::backendTimeout);
    if (attempt.isPresent() && attempt.get().compareTo(request) > 0) {
      findings.add(
          Code.ATTEMPT_OUTLASTS_REQUEST,
          rule.place(),
          "one attempt may last "
              + DurationText.of(attempt.get())
              + ", but the whole request no longer than "
              + DurationText.of(request));
    } else if (attempt.isPresent() && actions.retry().isPresent()) {
      retries(rule, actions.retry().get(), attempt.get(), request, findings);
    }
    actions
        .fault()
        .flatMap(RouteActions.Fault::delay)
        .filter(delay -> delay.percent() > 0 && delay.duration().compareTo(request) >= 0)
        .ifPresent(
            delay ->
                findings.add(
                    Code.DELAY_OUTLASTS_REQUEST,
                    rule.place(),
                    "a delay of "
                        + DurationText.of(delay.duration())
                        + " ends every request that it meets, because the timeout is "
                        + DurationText.of(request)));
  }

  private static void retries(
      Spec.RuleSpec rule,
      RouteActions.Retry retry,
      Duration attempt,
      Duration request,
      Validation.Findings findings) {
    int attempts = retry.attempts().orElse(DEFAULT_RETRIES) + 1;
    long backoff = retry.backoff().orElse(DEFAULT_BACKOFF).toMillis();
    long each = Math.max(attempt.toMillis(), 1);
    // The first attempt has no pause before it.
    long fit = 1 + Math.max(0, request.toMillis() - each) / (each + backoff);
    if (attempts > 1 && fit < attempts) {
      findings.add(
          Code.RETRIES_CUT_SHORT,
          rule.place(),
          "of "
              + attempts
              + " attempts of "
              + DurationText.of(attempt)
              + " no more than "
              + fit
              + (fit == 1 ? " fits" : " fit")
              + " into the request's "
              + DurationText.of(request));
    }
  }
}
