package dev.weft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides who may do what, in Istio's order: DENY, then ALLOW; without an ALLOW policy everything.
 * Stateless; pure.
 *
 * <p><em>Missing attributes.</em> A condition on something the request does not have, such as the
 * principal of a plaintext peer, holds in a DENY policy and does not hold in an ALLOW policy,
 * whether it is positive or negative. So nobody gains by hiding something.
 *
 * <p><em>Paths.</em> Where a policy looks at paths, the request is decided twice: on the path as it
 * came over the wire, and on its {@linkplain NormalPath normal form}, because applications differ
 * in what they make of {@code %2e}, {@code //}, {@code ..}, {@code \} and {@code ;}. It is allowed
 * if both decisions allow it; a path without normal form is refused.
 */
public final class Access {
  private Access() {}

  /**
   * The decision before the first application byte. Rules that need a request count as "may still
   * match" for ALLOW and "does not match yet" for DENY when {@code requestsAreChecked}, and as a
   * refusal otherwise.
   */
  public static AccessDecision connection(
      Inbound inbound, Peer peer, int port, boolean requestsAreChecked) {
    return decide(inbound.policies(), AccessFacts.ofConnection(peer, port, requestsAreChecked));
  }

  /** The decision for one request. */
  public static AccessDecision request(Inbound inbound, Peer peer, AccessRequest request) {
    List<AccessPolicy> policies = inbound.policies();
    String path = request.path();
    if (!looksAtPaths(policies)) {
      return decide(policies, AccessFacts.ofRequest(peer, request, path));
    }
    Optional<String> normal = NormalPath.of(path);
    if (normal.isEmpty()) {
      return new AccessDecision(
          false, "path", "the path has no normal form; policies on paths cannot judge it");
    }
    AccessDecision asSent = decide(policies, AccessFacts.ofRequest(peer, request, path));
    if (normal.get().equals(path)) {
      return asSent;
    }
    AccessDecision asNormal = decide(policies, AccessFacts.ofRequest(peer, request, normal.get()));
    if (asSent.allowed() == asNormal.allowed()) {
      return asSent;
    }
    AccessDecision refusal = asSent.allowed() ? asNormal : asSent;
    return new AccessDecision(
        false,
        refusal.rule(),
        "the path as sent and its normal form " + normal.get() + " are judged differently",
        refusal.dryRun());
  }

  /** Dry-run policies do not count: they must not make anything fail. */
  private static boolean looksAtPaths(List<AccessPolicy> policies) {
    for (AccessPolicy policy : policies) {
      if (policy.dryRun()) {
        continue;
      }
      for (AccessRule rule : policy.rules()) {
        for (AccessRule.Operation operation : rule.to()) {
          if (!operation.paths().isEmpty() || !operation.notPaths().isEmpty()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static AccessDecision decide(List<AccessPolicy> policies, AccessFacts facts) {
    if (policies.isEmpty()) {
      return new AccessDecision(true, "default", "no access policy selects this workload");
    }
    AccessDecision real = judge(policies.stream().filter(p -> !p.dryRun()).toList(), facts);
    if (policies.stream().noneMatch(AccessPolicy::dryRun)) {
      return real;
    }
    AccessDecision shadow = judge(policies, facts);
    return shadow.allowed() == real.allowed()
        ? real
        : new AccessDecision(
            real.allowed(),
            real.rule(),
            real.reason(),
            responsible(policies, facts, shadow.allowed()));
  }

  private static AccessDecision judge(List<AccessPolicy> policies, AccessFacts facts) {
    List<String> allows = new ArrayList<>();
    Optional<AccessPolicy> allowing = Optional.empty();
    for (AccessPolicy policy : policies) {
      if (policy.action() == AccessPolicy.Action.ALLOW) {
        allows.add(policy.name());
        if (allowing.isEmpty() && facts.match(policy)) {
          allowing = Optional.of(policy);
        }
      } else if (facts.match(policy)) {
        return new AccessDecision(
            false, policy.name(), "denied by " + policy.name() + ": " + facts);
      }
    }
    if (allows.isEmpty()) {
      return new AccessDecision(true, "default", "no policy denies it, and none lists who may");
    }
    return allowing
        .map(policy -> new AccessDecision(true, policy.name(), "allowed by " + policy.name()))
        .orElseGet(
            () ->
                new AccessDecision(
                    false,
                    allows.get(0),
                    "not allowed by " + String.join(", ", allows) + ": " + facts));
  }

  /** The dry-run policies that would turn a decision into {@code allowed}. */
  private static List<String> responsible(
      List<AccessPolicy> policies, AccessFacts facts, boolean allowed) {
    List<AccessPolicy> dry = policies.stream().filter(AccessPolicy::dryRun).toList();
    List<String> denying = names(dry, AccessPolicy.Action.DENY, facts, true);
    if (allowed) {
      return names(dry, AccessPolicy.Action.ALLOW, facts, true);
    }
    return denying.isEmpty() ? names(dry, AccessPolicy.Action.ALLOW, facts, false) : denying;
  }

  private static List<String> names(
      List<AccessPolicy> policies, AccessPolicy.Action action, AccessFacts facts, boolean match) {
    return policies.stream()
        .filter(policy -> policy.action() == action && facts.match(policy) == match)
        .map(AccessPolicy::name)
        .toList();
  }
}
