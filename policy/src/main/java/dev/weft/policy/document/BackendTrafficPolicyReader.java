package dev.weft.policy.document;

import dev.weft.policy.RouteActions;
import dev.weft.policy.TrafficPolicy.RetryBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads Gateway API's {@code XBackendTrafficPolicy}: retry budgets and sessions of a Service.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-3388/">GEP-3388, retry budgets</a>
 */
final class BackendTrafficPolicyReader {
  private static final int DEFAULT_PERCENT = 20;
  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);

  /** GEP-3388: retries beyond the budget are answered so. */
  private static final int OVERSPENT = 503;

  private static final int DEFAULT_RATE = 10;
  private static final int MOST = 1_000_000;
  private static final Duration HOUR = Duration.ofHours(1);

  private BackendTrafficPolicyReader() {}

  static Spec read(Fields document, Metadata metadata) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    List<Spec.TargetRef> targets = targets(fields, metadata.namespace());
    Optional<RetryBudget> budget = budget(fields);
    Optional<RouteActions.SessionPersistence> session = SessionReader.read(fields, metadata.name());
    if (!fields.has("retryConstraint") && !fields.has("sessionPersistence")) {
      fields.problem(
          Code.NO_EFFECT, "says nothing; expected retryConstraint or sessionPersistence");
    }
    fields.finish();
    return new Spec.BackendTrafficPolicySpec(targets, budget, session);
  }

  /** As GEP-713 has it: a direct policy concerns targets of its own namespace, and all ports. */
  private static List<Spec.TargetRef> targets(Fields fields, String ownNamespace) {
    List<Spec.TargetRef> targets = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields item : fields.objects("targetRefs")) {
      String group = item.text("group").orElse("");
      String kind = item.requiredText("kind");
      String name = item.requiredText("name");
      item.finish();
      if (!kind.isEmpty()
          && !(kind.equals("Service") && (group.isEmpty() || group.equals("core")))) {
        item.problem(
            Code.NO_EFFECT,
            "kind",
            "only Services can have the policy; nothing is done to " + kind);
      } else if (!names.add(name)) {
        item.problem(Code.BAD_VALUE, "name", "Service \"" + name + "\" stands here twice");
      } else {
        targets.add(new Spec.TargetRef(ownNamespace, name, Optional.empty(), item.place()));
      }
    }
    if (fields.objects("targetRefs").isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "field \"targetRefs\" is missing");
    }
    return List.copyOf(targets);
  }

  private static Optional<RetryBudget> budget(Fields fields) {
    Optional<Fields> constraint = fields.object("retryConstraint");
    if (constraint.isEmpty()) {
      return Optional.empty();
    }
    int percent = DEFAULT_PERCENT;
    Duration interval = DEFAULT_INTERVAL;
    Optional<Fields> budget = constraint.get().object("budget");
    if (budget.isPresent()) {
      percent = budget.get().number("percent", 0, 100).orElse(DEFAULT_PERCENT);
      interval = interval(budget.get(), Duration.ofSeconds(1), "1s to 1h").orElse(DEFAULT_INTERVAL);
      budget.get().finish();
    }
    int rate = DEFAULT_RATE;
    Optional<Fields> least = constraint.get().object("minRetryRate");
    if (least.isPresent()) {
      int count = least.get().number("count", 1, MOST).orElse(DEFAULT_RATE);
      Duration per =
          interval(least.get(), Duration.ofMillis(1), "1ms to 1h").orElse(Duration.ofSeconds(1));
      least.get().finish();
      rate = perSecond(count, per);
    }
    constraint.get().finish();
    return Optional.of(new RetryBudget(percent, interval, rate, Optional.of(OVERSPENT)));
  }

  /** Whole retries per second, rounded up: a policy that allows some retries never allows none. */
  private static int perSecond(int count, Duration interval) {
    return (int) Math.min(Integer.MAX_VALUE, Math.ceil(count * 1000.0 / interval.toMillis()));
  }

  private static Optional<Duration> interval(Fields fields, Duration least, String range) {
    Optional<Duration> interval = Durations.read(fields, "interval");
    if (interval.isPresent()
        && (interval.get().compareTo(least) < 0 || interval.get().compareTo(HOUR) > 0)) {
      fields.problem(Code.BAD_VALUE, "interval", "expected a duration, " + range);
      return Optional.empty();
    }
    return interval;
  }
}
