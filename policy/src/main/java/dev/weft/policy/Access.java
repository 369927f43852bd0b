package dev.weft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may do what, in Istio's order: DENY, then ALLOW; without an ALLOW policy everything.
 * Built once for what a workload accepts, then asked for every connection and request. Immutable;
 * thread-safe.
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
  private static final AccessDecision NO_POLICY =
      new AccessDecision(true, "default", "no access policy selects this workload");
  private static final AccessDecision NOT_DENIED =
      new AccessDecision(true, "default", "no policy denies it, and none lists who may");

  /** Those that decide, in the order given. */
  private final List<CompiledPolicy> denying = new ArrayList<>();

  private final List<CompiledPolicy> allowing = new ArrayList<>();

  /** All of them but audits, as if none were a dry run; empty when none is. */
  private final List<CompiledPolicy> shadowDenying = new ArrayList<>();

  private final List<CompiledPolicy> shadowAllowing = new ArrayList<>();
  private final List<CompiledPolicy> authenticating = new ArrayList<>();
  private final List<CompiledPolicy> audits;
  private final boolean looksAtPaths;
  private final boolean dryRuns;
  private final AccessDecision nothingToSay;

  private Access(Inbound inbound) {
    audits = CompiledPolicy.of(inbound.audits());
    boolean paths = false;
    boolean dry = false;
    for (AccessPolicy policy : inbound.policies()) {
      CompiledPolicy compiled = CompiledPolicy.of(policy);
      if (policy.action() == AccessPolicy.Action.AUTHENTICATE) {
        authenticating.add(compiled);
        continue;
      }
      (policy.allows() ? shadowAllowing : shadowDenying).add(compiled);
      if (policy.dryRun()) {
        dry = true; // and refuses no path: a dry run must not make anything fail
      } else {
        (policy.allows() ? allowing : denying).add(compiled);
        paths |= compiled.looksAtPaths();
      }
    }
    looksAtPaths = paths;
    dryRuns = dry;
    nothingToSay =
        denying.isEmpty() && shadowDenying.isEmpty() && shadowAllowing.isEmpty()
            ? NO_POLICY
            : NOT_DENIED;
  }

  /** Makes the policies of a workload ready. */
  public static Access of(Inbound inbound) {
    return new Access(inbound);
  }

  /**
   * The decision before the first application byte. Rules that need a request count as "may still
   * match" for ALLOW and "does not match yet" for DENY when {@code requestsAreChecked}, and as a
   * refusal otherwise.
   */
  public AccessDecision connection(AccessConnection connection, boolean requestsAreChecked) {
    AccessFacts facts = AccessFacts.ofConnection(connection, requestsAreChecked);
    if (facts.requestsAreNeverSeen()) {
      for (CompiledPolicy policy : authenticating) {
        if (policy.matches(facts)) {
          return new AccessDecision(
              false,
              policy.name(),
              "tokens must be judged, and nobody sees the requests on port " + facts.port());
        }
      }
    }
    return withAudit(decide(facts), facts, null);
  }

  /** The decision for one request, whose token was judged before. */
  public AccessDecision request(AccessRequest request) {
    String path = request.path();
    AccessFacts facts = AccessFacts.ofRequest(request, path);
    if (!looksAtPaths) {
      return withAudit(decide(facts), facts, null);
    }
    Optional<String> normal = NormalPath.of(path);
    if (normal.isEmpty()) {
      AccessDecision odd =
          new AccessDecision(
              false, "path", "the path has no normal form; policies on paths cannot judge it");
      return withAudit(odd, facts, null);
    }
    AccessDecision asSent = decide(facts);
    if (normal.get().equals(path)) {
      return withAudit(asSent, facts, null);
    }
    AccessFacts other = AccessFacts.ofRequest(request, normal.get());
    AccessDecision asNormal = decide(other);
    if (asSent.allowed() == asNormal.allowed()) {
      return withAudit(asSent, facts, other);
    }
    AccessDecision refusal = asSent.allowed() ? asNormal : asSent;
    AccessDecision disagreement =
        new AccessDecision(
            false,
            refusal.rule(),
            "the path as sent and its normal form " + normal.get() + " are judged differently",
            refusal.dryRun());
    return withAudit(disagreement, facts, other);
  }

  private AccessDecision decide(AccessFacts facts) {
    AccessDecision real = judge(denying, allowing, facts);
    if (!dryRuns) {
      return real;
    }
    AccessDecision shadow = judge(shadowDenying, shadowAllowing, facts);
    return shadow.allowed() == real.allowed()
        ? real
        : new AccessDecision(
            real.allowed(), real.rule(), real.reason(), responsible(facts, shadow.allowed()));
  }

  private AccessDecision judge(
      List<CompiledPolicy> denies, List<CompiledPolicy> allows, AccessFacts facts) {
    for (int i = 0; i < denies.size(); i++) {
      CompiledPolicy policy = denies.get(i);
      if (policy.matches(facts)) {
        return new AccessDecision(
            false, policy.name(), "denied by " + policy.name() + ": " + facts);
      }
    }
    if (allows.isEmpty()) {
      return nothingToSay;
    }
    for (int i = 0; i < allows.size(); i++) {
      if (allows.get(i).matches(facts)) {
        return allows.get(i).allowed();
      }
    }
    return new AccessDecision(
        false,
        allows.get(0).name(),
        "not allowed by "
            + String.join(", ", allows.stream().map(CompiledPolicy::name).toList())
            + ": "
            + facts);
  }

  /** The dry-run policies that would turn a decision into {@code allowed}. */
  private List<String> responsible(AccessFacts facts, boolean allowed) {
    if (allowed) {
      return dry(shadowAllowing, facts, true);
    }
    List<String> denies = dry(shadowDenying, facts, true);
    return denies.isEmpty() ? dry(shadowAllowing, facts, false) : denies;
  }

  private static List<String> dry(
      List<CompiledPolicy> policies, AccessFacts facts, boolean matching) {
    return policies.stream()
        .filter(policy -> policy.dryRun() && policy.matches(facts) == matching)
        .map(CompiledPolicy::name)
        .toList();
  }

  /** Names the audits that match either spelling. */
  private AccessDecision withAudit(
      AccessDecision decision, AccessFacts facts, @Nullable AccessFacts other) {
    if (audits.isEmpty()) {
      return decision;
    }
    List<String> matching = new ArrayList<>();
    for (CompiledPolicy policy : audits) {
      if (policy.matches(facts) || (other != null && policy.matches(other))) {
        matching.add(policy.name());
      }
    }
    return matching.isEmpty()
        ? decision
        : new AccessDecision(
            decision.allowed(),
            decision.rule(),
            decision.reason(),
            decision.dryRun(),
            List.copyOf(matching));
  }
}
