package dev.weft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * What {@link Access} makes of a request or a connection, policy by policy, for people. It asks
 * {@link Access} about each policy and each rule alone, so that it cannot be of another opinion.
 * Immutable.
 *
 * @param decision of all policies together
 * @param policies each policy of the workload, in their order
 */
public record AccessTrace(AccessDecision decision, List<Judged> policies) {

  /**
   * A policy and whether it fits the request.
   *
   * @param reason the rule that fits, or why none does
   */
  public record Judged(AccessPolicy policy, boolean fits, String reason) {}

  /**
   * What is judged.
   *
   * @param text what it does, in words
   */
  private record Asked(
      AccessConnection connection, String text, Function<Access, AccessDecision> judge) {
    AccessDecision judgedBy(Access access) {
      return judge.apply(access);
    }
  }

  /** Follows a request. Pure. */
  public static AccessTrace of(Inbound inbound, AccessRequest request) {
    String text = request.method() + " " + request.path();
    return of(inbound, new Asked(request.connection(), text, access -> access.request(request)));
  }

  /** Follows a connection of which nobody sees the requests. Pure. */
  public static AccessTrace ofConnection(Inbound inbound, AccessConnection connection) {
    String text = "a connection whose requests nobody sees";
    return of(inbound, new Asked(connection, text, access -> access.connection(connection, false)));
  }

  private static AccessTrace of(Inbound inbound, Asked asked) {
    List<Judged> judged = new ArrayList<>();
    for (AccessPolicy policy : inbound.policies()) {
      if (policy.allows() || policy.denies()) {
        judged.add(judge(inbound, policy, asked));
      }
    }
    return new AccessTrace(asked.judgedBy(Access.of(inbound)), List.copyOf(judged));
  }

  private static Judged judge(Inbound inbound, AccessPolicy policy, Asked asked) {
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < policy.rules().size(); i++) {
      AccessRule rule = policy.rules().get(i);
      if (fits(inbound, policy, List.of(rule), asked)) {
        return new Judged(policy, true, "rule " + i + " fits");
      }
      reasons.add("rule " + i + ": " + failure(inbound, policy, rule, asked));
    }
    return new Judged(
        policy,
        fits(inbound, policy, policy.rules(), asked),
        reasons.isEmpty() ? "it has no rules, and so fits nothing" : String.join("; ", reasons));
  }

  private static String failure(
      Inbound inbound, AccessPolicy policy, AccessRule rule, Asked asked) {
    AccessConnection connection = asked.connection();
    if (!fits(inbound, policy, List.of(new AccessRule(rule.from(), List.of())), asked)) {
      String who =
          connection.peer().spiffeId().map(SpiffeId::principal).orElse("a caller without identity");
      return who + " is not " + sources(rule.from());
    }
    if (!fits(inbound, policy, List.of(new AccessRule(List.of(), rule.to())), asked)) {
      return asked.text() + " on port " + connection.port() + " is not " + operations(rule.to());
    }
    return "it does not hold that " + conditions(rule.when());
  }

  /** Alone, an ALLOW policy allows what fits it, and a DENY policy what does not. */
  private static boolean fits(
      Inbound inbound, AccessPolicy policy, List<AccessRule> rules, Asked asked) {
    AccessPolicy enforced = new AccessPolicy(policy.name(), policy.action(), false, rules);
    Inbound alone =
        new Inbound(
            inbound.workload(),
            inbound.service(),
            inbound.namespace(),
            inbound.spiffeId(),
            inbound.labels(),
            inbound.mtls(),
            inbound.portMtls(),
            List.of(enforced));
    boolean allowed = asked.judgedBy(Access.of(alone)).allowed();
    return policy.allows() == allowed;
  }

  /** Further conditions, in words. */
  public static String conditions(List<AccessCondition> conditions) {
    List<String> texts = new ArrayList<>();
    for (AccessCondition condition : conditions) {
      String what = condition.attribute().name().toLowerCase(Locale.ROOT).replace('_', ' ');
      String key = condition.key().isEmpty() ? "" : " " + String.join(".", condition.key());
      List<String> parts = new ArrayList<>();
      part(what + key + " is ", condition.values(), parts);
      part(what + key + " is not ", condition.notValues(), parts);
      texts.add(String.join(" and ", parts));
    }
    return String.join(" and ", texts);
  }

  /** Who a rule is for, in words. */
  public static String sources(List<AccessRule.Source> sources) {
    List<String> texts = new ArrayList<>();
    for (AccessRule.Source source : sources) {
      List<String> parts = new ArrayList<>();
      part("", source.principals(), parts);
      part("not ", source.notPrincipals(), parts);
      part("of namespace ", source.namespaces(), parts);
      part("not of namespace ", source.notNamespaces(), parts);
      if (!source.conditions().isEmpty()) {
        parts.add("somebody whose " + conditions(source.conditions()));
      }
      texts.add(String.join(" and ", parts));
    }
    return texts.isEmpty() ? "anybody" : String.join(" or ", texts);
  }

  /** What a rule is for, in words. */
  public static String operations(List<AccessRule.Operation> operations) {
    List<String> texts = new ArrayList<>();
    for (AccessRule.Operation operation : operations) {
      List<String> parts = new ArrayList<>();
      part("", operation.methods(), parts);
      part("not ", operation.notMethods(), parts);
      part("", operation.paths(), parts);
      part("not ", operation.notPaths(), parts);
      part("host ", operation.hosts(), parts);
      part("not host ", operation.notHosts(), parts);
      part("port ", numbers(operation.ports()), parts);
      part("not port ", numbers(operation.notPorts()), parts);
      texts.add(String.join(" ", parts));
    }
    return texts.isEmpty() ? "anything" : String.join(" or ", texts);
  }

  private static List<String> numbers(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).toList();
  }

  private static void part(String what, List<String> values, List<String> parts) {
    Optional.of(values)
        .filter(some -> !some.isEmpty())
        .ifPresent(some -> parts.add(what + String.join("|", some)));
  }
}
