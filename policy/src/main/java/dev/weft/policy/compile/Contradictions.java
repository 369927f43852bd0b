package dev.weft.policy.compile;

import dev.weft.policy.AccessCondition;
import dev.weft.policy.AccessRule;
import dev.weft.policy.TextPatterns;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Conditions of a rule that exclude each other. Stateless. */
final class Contradictions {
  private static final Pattern NAMESPACE =
      Pattern.compile("[^*]*/ns/([^*/]+)/.*|\\*/ns/([^*/]+)/.*");

  private Contradictions() {}

  /** Why a rule can never match; empty: it may. */
  static Optional<String> in(AccessRule rule) {
    return every(rule.from(), Contradictions::ofSource)
        .or(() -> every(rule.to(), Contradictions::ofOperation))
        .or(() -> some(rule.when()));
  }

  /** Of alternatives every one must be impossible; the first is told. */
  private static <T> Optional<String> every(
      List<T> choices, Function<T, Optional<String>> impossible) {
    return choices.stream().allMatch(choice -> impossible.apply(choice).isPresent())
        ? choices.stream().findFirst().flatMap(impossible)
        : Optional.empty();
  }

  private static Optional<String> some(List<AccessCondition> conditions) {
    return conditions.stream()
        .map(
            condition ->
                excluded(
                    condition.attribute().toString(), condition.values(), condition.notValues()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> ofSource(AccessRule.Source source) {
    return excluded("principals", source.principals(), source.notPrincipals())
        .or(() -> excluded("namespaces", source.namespaces(), source.notNamespaces()))
        .or(() -> elsewhere(source))
        .or(() -> some(source.conditions()));
  }

  private static Optional<String> ofOperation(AccessRule.Operation operation) {
    return excluded("methods", operation.methods(), operation.notMethods())
        .or(() -> excluded("hosts", operation.hosts(), operation.notHosts()))
        .or(() -> excluded("paths", operation.paths(), operation.notPaths()))
        .or(
            () ->
                !operation.ports().isEmpty() && operation.notPorts().containsAll(operation.ports())
                    ? Optional.of("notPorts excludes every port")
                    : Optional.empty());
  }

  /** Whether every wanted value is an unwanted one. */
  private static Optional<String> excluded(
      String what, List<String> wanted, List<String> unwanted) {
    if (wanted.isEmpty() || unwanted.isEmpty()) {
      return Optional.empty();
    }
    TextPatterns not = TextPatterns.of(unwanted);
    boolean none =
        wanted.stream()
            .allMatch(one -> unwanted.contains(one) || (!one.contains("*") && not.match(one)));
    return none
        ? Optional.of("what is excluded is all that is listed of " + what)
        : Optional.empty();
  }

  /** Whether all principals that are named live in namespaces that are not. */
  private static Optional<String> elsewhere(AccessRule.Source source) {
    if (source.principals().isEmpty()) {
      return Optional.empty();
    }
    TextPatterns wanted = TextPatterns.of(source.namespaces());
    TextPatterns unwanted = TextPatterns.of(source.notNamespaces());
    for (String principal : source.principals()) {
      Matcher matcher = NAMESPACE.matcher(principal);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      String namespace = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      boolean possible =
          (wanted.isEmpty() || wanted.match(namespace)) && !unwanted.match(namespace);
      if (possible) {
        return Optional.empty();
      }
    }
    return Optional.of(
        "the principals and the namespaces exclude each other, such as "
            + source.principals().get(0));
  }
}
