package dev.weft.policy;

import dev.weft.policy.RouteMatch.NamedMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Why a match does not fit a call or a connection: takes it apart into conditions and asks {@link
 * RequestMatcher} about each, so that it cannot be of another opinion. Stateless.
 */
final class MatchTrace {
  private MatchTrace() {}

  private record Condition(RouteMatch match, String message) {}

  /** Why a match does not fit a connection by a name; empty: it fits. */
  static Optional<String> failure(RouteMatch match, String name, Map<String, String> ownLabels) {
    Optional<String> others = others(match, ownLabels);
    if (others.isPresent()) {
      return others;
    }
    return ConnectionRoutes.fits(match.sniHosts(), ConnectionRoutes.canonical(name))
        ? Optional.empty()
        : Optional.of("name " + name + " is not " + String.join(" or ", match.sniHosts()));
  }

  private static Optional<String> others(RouteMatch match, Map<String, String> ownLabels) {
    return ownLabels.entrySet().containsAll(match.sourceLabels().entrySet())
        ? Optional.empty()
        : Optional.of("is for callers with labels " + match.sourceLabels());
  }

  /** The first condition that does not hold; empty: the match fits. */
  static Optional<String> failure(RouteMatch match, Call call, Map<String, String> ownLabels) {
    Optional<String> others = others(match, ownLabels);
    if (others.isPresent()) {
      return others;
    }
    if (fits(match, call)) {
      return Optional.empty();
    }
    for (Condition condition : conditions(match, call)) {
      if (!fits(condition.match(), call)) {
        return Optional.of(condition.message());
      }
    }
    return Optional.of("one of its conditions does not hold");
  }

  private static boolean fits(RouteMatch match, Call call) {
    return new RequestMatcher(match)
        .matches(call, call.normalTarget(), RequestTarget.pathEnd(call.normalTarget()));
  }

  /** The path that a condition is held against. */
  private static String path(Call call, RouteMatch.PathMatch wanted) {
    String target = wanted.asSent() ? call.pathAndQuery() : call.normalTarget();
    return target.substring(0, RequestTarget.pathEnd(target));
  }

  private static List<Condition> conditions(RouteMatch match, Call call) {
    List<Condition> all = new ArrayList<>();
    match
        .method()
        .ifPresent(
            method ->
                all.add(
                    new Condition(
                        new RouteMatch(Optional.empty(), match.method(), List.of(), List.of()),
                        "method is " + call.method() + ", not " + method)));
    match
        .path()
        .ifPresent(
            wanted ->
                all.add(
                    new Condition(
                        new RouteMatch(match.path(), Optional.empty(), List.of(), List.of()),
                        "path " + path(call, wanted) + " is not " + MatchText.path(wanted))));
    match
        .methodPattern()
        .ifPresent(
            pattern ->
                all.add(
                    new Condition(
                        rest(List.of(), Optional.empty(), Optional.empty(), match.methodPattern()),
                        "method " + call.method() + " is not " + MatchText.text(pattern))));
    match
        .authority()
        .ifPresent(
            host ->
                all.add(
                    new Condition(
                        rest(List.of(), match.authority(), Optional.empty(), Optional.empty()),
                        "host " + call.host() + " is not " + MatchText.text(host))));
    match
        .scheme()
        .ifPresent(
            scheme ->
                all.add(
                    new Condition(
                        rest(List.of(), Optional.empty(), match.scheme(), Optional.empty()),
                        "scheme " + call.scheme() + " is not " + MatchText.text(scheme))));
    for (NamedMatch header : match.headers()) {
      all.add(
          new Condition(
              new RouteMatch(Optional.empty(), Optional.empty(), List.of(header), List.of()),
              header(header, call) + ", wanted " + MatchText.named(header)));
    }
    for (NamedMatch header : match.withoutHeaders()) {
      all.add(
          new Condition(
              rest(List.of(header), Optional.empty(), Optional.empty(), Optional.empty()),
              header(header, call) + ", unwanted " + MatchText.named(header)));
    }
    for (NamedMatch parameter : match.queryParams()) {
      all.add(
          new Condition(
              new RouteMatch(Optional.empty(), Optional.empty(), List.of(), List.of(parameter)),
              "the query has no " + MatchText.named(parameter)));
    }
    return all;
  }

  private static RouteMatch rest(
      List<NamedMatch> withoutHeaders,
      Optional<RouteMatch.TextMatch> authority,
      Optional<RouteMatch.TextMatch> scheme,
      Optional<RouteMatch.TextMatch> methodPattern) {
    return new RouteMatch(
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        withoutHeaders,
        authority,
        scheme,
        methodPattern,
        Map.of(),
        List.of());
  }

  private static String header(NamedMatch wanted, Call call) {
    List<String> values = call.header(wanted.name());
    return values.isEmpty()
        ? "header " + wanted.name() + " is absent"
        : "header " + wanted.name() + " is \"" + String.join(",", values) + "\"";
  }
}
