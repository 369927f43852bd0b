package dev.weft.policy.compile;

import dev.weft.policy.AccessCondition;
import dev.weft.policy.AccessRule;
import java.util.stream.Stream;

/** What rules need to see of requests. Stateless. */
final class Requests {
  private Requests() {}

  /** Whether anything in a rule needs requests. */
  static boolean mayNeedRequest(AccessRule rule) {
    return rule.to().stream().anyMatch(AccessRule.Operation::needsRequest)
        || conditions(rule).anyMatch(AccessCondition::needsRequest);
  }

  /** Whether a rule can match on this port only where requests are seen. */
  static boolean needRequest(AccessRule rule, int port) {
    return rule.when().stream().anyMatch(AccessCondition::needsRequest)
        || (!rule.from().isEmpty()
            && rule.from().stream()
                .allMatch(
                    source -> source.conditions().stream().anyMatch(AccessCondition::needsRequest)))
        || (rule.to().stream().anyMatch(operation -> concerns(operation, port))
            && rule.to().stream()
                .filter(operation -> concerns(operation, port))
                .allMatch(AccessRule.Operation::needsRequest));
  }

  private static boolean concerns(AccessRule.Operation operation, int port) {
    return (operation.ports().isEmpty() || operation.ports().contains(port))
        && !operation.notPorts().contains(port);
  }

  /** Whether any condition of a rule asks for something in a token. */
  static boolean needToken(AccessRule rule) {
    return conditions(rule).anyMatch(AccessCondition::needsToken);
  }

  private static Stream<AccessCondition> conditions(AccessRule rule) {
    return Stream.concat(
        rule.when().stream(), rule.from().stream().flatMap(source -> source.conditions().stream()));
  }
}
