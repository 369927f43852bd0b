package dev.weft.policy.compile;

import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteMatch.NamedMatch;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Joins the matches of a rule that delegates with those of the rules that it delegates to: both
 * must hold, and what the one says must be able to hold for the other. Stateless.
 */
final class DelegateMatches {
  private DelegateMatches() {}

  /** Empty: no request fits both. */
  static Optional<List<Spec.MatchSpec>> joined(
      List<Spec.MatchSpec> roots, List<Spec.MatchSpec> leaves) {
    if (roots.isEmpty() || leaves.isEmpty()) {
      return Optional.of(roots.isEmpty() ? leaves : roots);
    }
    List<Spec.MatchSpec> all = new ArrayList<>();
    for (Spec.MatchSpec leaf : leaves) {
      for (Spec.MatchSpec root : roots) {
        joined(root, leaf).ifPresent(all::add);
      }
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(all));
  }

  private static Optional<Spec.MatchSpec> joined(Spec.MatchSpec root, Spec.MatchSpec leaf) {
    RouteMatch one = root.match();
    RouteMatch other = leaf.match();
    boolean conflict =
        !pathsFit(one.path(), other.path())
            || differ(one.method(), other.method())
            || differ(one.methodPattern(), other.methodPattern())
            || differ(one.authority(), other.authority())
            || differ(one.scheme(), other.scheme())
            || differ(root.port(), leaf.port())
            || differ(root.sourceNamespace(), leaf.sourceNamespace())
            || namesDiffer(one.headers(), other.headers())
            || namesDiffer(one.queryParams(), other.queryParams());
    if (conflict) {
      return Optional.empty();
    }
    Map<String, String> labels = new HashMap<>(one.sourceLabels());
    labels.putAll(other.sourceLabels());
    RouteMatch match =
        new RouteMatch(
            other.path().or(one::path),
            other.method().or(one::method),
            joinedNames(one.headers(), other.headers()),
            joinedNames(one.queryParams(), other.queryParams()),
            joinedNames(one.withoutHeaders(), other.withoutHeaders()),
            other.authority().or(one::authority),
            other.scheme().or(one::scheme),
            other.methodPattern().or(one::methodPattern),
            Map.copyOf(labels),
            List.of());
    return Optional.of(
        new Spec.MatchSpec(
            match,
            leaf.port().or(root::port),
            leaf.sourceNamespace().or(root::sourceNamespace),
            leaf.place()));
  }

  /** As in Istio, an expression is never known to lie within another condition. */
  private static boolean pathsFit(Optional<PathMatch> root, Optional<PathMatch> leaf) {
    if (root.isEmpty() || leaf.isEmpty()) {
      return true;
    }
    PathMatch outer = root.get();
    PathMatch inner = leaf.get();
    if (outer.kind() == PathKind.REGEX || inner.kind() == PathKind.REGEX) {
      return false;
    }
    if (!outer.ignoreCase().equals(inner.ignoreCase())) {
      return false;
    }
    return outer.kind() == PathKind.EXACT
        ? outer.equals(inner)
        : inner.value().startsWith(outer.value());
  }

  private static <T> boolean differ(Optional<T> one, Optional<T> other) {
    return one.isPresent() && other.isPresent() && !one.equals(other);
  }

  private static boolean namesDiffer(List<NamedMatch> some, List<NamedMatch> others) {
    Map<String, NamedMatch> byName = new HashMap<>();
    some.forEach(match -> byName.put(match.name().toLowerCase(Locale.ROOT), match));
    return others.stream()
        .anyMatch(
            match -> {
              NamedMatch same = byName.get(match.name().toLowerCase(Locale.ROOT));
              return same != null && !same.equals(match);
            });
  }

  private static List<NamedMatch> joinedNames(List<NamedMatch> some, List<NamedMatch> others) {
    Map<String, NamedMatch> byName = new LinkedHashMap<>();
    some.forEach(match -> byName.put(match.name().toLowerCase(Locale.ROOT), match));
    others.forEach(match -> byName.put(match.name().toLowerCase(Locale.ROOT), match));
    return List.copyOf(byName.values());
  }
}
