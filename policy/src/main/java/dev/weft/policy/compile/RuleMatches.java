package dev.weft.policy.compile;

import dev.weft.policy.RouteMatch;
import dev.weft.policy.document.FaultPolicySpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reckons with the matches of rules. Stateless. */
final class RuleMatches {
  private RuleMatches() {}

  /** The matches of a fault as clients of a namespace see them; empty: none concerns them. */
  static List<RouteMatch> of(List<FaultPolicySpec.Match> matches, String clientNamespace) {
    List<RouteMatch> found = new ArrayList<>();
    for (FaultPolicySpec.Match match : matches) {
      if (match.sources().isEmpty()) {
        found.add(match(match, Map.of()));
      }
      for (FaultPolicySpec.Source source : match.sources()) {
        if (source.namespace().equals(clientNamespace)) {
          found.add(match(match, Map.of(RouteMatch.SERVICE_ACCOUNT, source.serviceAccount())));
        }
      }
    }
    return found;
  }

  private static RouteMatch match(FaultPolicySpec.Match match, Map<String, String> source) {
    return new RouteMatch(
        Optional.empty(),
        Optional.empty(),
        match.headers(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        source,
        List.of());
  }

  /**
   * What fits one of a rule's matches and one of the others, which are about headers and source.
   */
  static List<RouteMatch> both(List<RouteMatch> rule, List<RouteMatch> others) {
    List<RouteMatch> found = new ArrayList<>();
    for (RouteMatch one : rule.isEmpty() ? List.of(RouteMatch.ANY) : rule) {
      for (RouteMatch other : others) {
        List<RouteMatch.NamedMatch> headers = new ArrayList<>(one.headers());
        other.headers().stream().filter(header -> !headers.contains(header)).forEach(headers::add);
        Map<String, String> labels = new HashMap<>(one.sourceLabels());
        labels.putAll(other.sourceLabels());
        found.add(
            new RouteMatch(
                one.path(),
                one.method(),
                List.copyOf(headers),
                one.queryParams(),
                one.withoutHeaders(),
                one.authority(),
                one.scheme(),
                one.methodPattern(),
                Map.copyOf(labels),
                one.sniHosts()));
      }
    }
    return List.copyOf(found);
  }
}
