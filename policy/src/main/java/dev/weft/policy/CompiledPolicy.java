package dev.weft.policy;

import dev.weft.policy.AccessFacts.Stance;
import java.util.List;

/** An {@link AccessPolicy}, made ready to be asked often. Immutable. */
final class CompiledPolicy {
  private final AccessPolicy policy;
  private final Stance stance;
  private final List<Rule> rules;
  private final AccessDecision allowed;

  private CompiledPolicy(AccessPolicy policy, Stance stance, List<Rule> rules) {
    this.policy = policy;
    this.stance = stance;
    this.rules = rules;
    this.allowed = new AccessDecision(true, policy.name(), "allowed by " + policy.name());
  }

  /** Alternatives of sources and of operations, each a list of conditions; and conditions. */
  private record Rule(
      List<List<AccessPredicate>> from,
      List<List<AccessPredicate>> to,
      List<AccessPredicate> when,
      boolean paths) {
    static Rule of(AccessRule rule) {
      return new Rule(
          rule.from().stream().map(AccessPredicate::of).toList(),
          rule.to().stream().map(AccessPredicate::of).toList(),
          rule.when().stream().map(AccessPredicate::of).toList(),
          rule.to().stream()
              .anyMatch(
                  operation -> !operation.paths().isEmpty() || !operation.notPaths().isEmpty()));
    }

    boolean matches(AccessFacts facts, Stance stance) {
      return any(from, facts, stance) && any(to, facts, stance) && all(when, facts, stance);
    }

    // By index: an iterator for each list of each request would be most of what a decision costs.
    private static boolean any(
        List<List<AccessPredicate>> choices, AccessFacts facts, Stance stance) {
      for (int i = 0; i < choices.size(); i++) {
        if (all(choices.get(i), facts, stance)) {
          return true;
        }
      }
      return choices.isEmpty();
    }

    private static boolean all(List<AccessPredicate> conditions, AccessFacts facts, Stance stance) {
      for (int i = 0; i < conditions.size(); i++) {
        if (!conditions.get(i).holds(facts, stance)) {
          return false;
        }
      }
      return true;
    }
  }

  static CompiledPolicy of(AccessPolicy policy) {
    Stance stance = Stance.AUDIT;
    if (policy.allows()) {
      stance = Stance.ALLOW;
    } else if (policy.denies()) {
      stance = Stance.DENY;
    }
    return new CompiledPolicy(policy, stance, policy.rules().stream().map(Rule::of).toList());
  }

  static List<CompiledPolicy> of(List<AccessPolicy> policies) {
    return policies.stream().map(CompiledPolicy::of).toList();
  }

  String name() {
    return policy.name();
  }

  boolean allows() {
    return policy.allows();
  }

  boolean dryRun() {
    return policy.dryRun();
  }

  /** What it says to whom it allows; always the same object. */
  AccessDecision allowed() {
    return allowed;
  }

  boolean looksAtPaths() {
    return rules.stream().anyMatch(Rule::paths);
  }

  /** Whether any rule matches. */
  boolean matches(AccessFacts facts) {
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).matches(facts, stance)) {
        return true;
      }
    }
    return false;
  }
}
