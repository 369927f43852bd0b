package dev.weft.server.diff;

import dev.weft.policy.MatchText;
import dev.weft.policy.Route;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteRule;
import dev.weft.policy.Service;
import dev.weft.policy.validate.Implication;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What becomes of requests to one port: for every match that the old or the new rules know, what
 * the first rule that takes it does, before and after. Stateless.
 */
final class RouteChanges {
  /** Each match is looked for among all rules. */
  private static final int MOST_MATCHES = 2000;

  private RouteChanges() {}

  /** A match and what is done to the requests that fit. */
  private record Entry(RouteMatch match, Behaviour behaviour) {}

  static void add(Service old, Service now, int port, Set<Change> changes) {
    for (boolean requests : new boolean[] {true, false}) {
      Optional<Route> before = route(old, port, requests);
      Optional<Route> after = route(now, port, requests);
      if (rules(before).equals(rules(after))
          || (!requests && before.isEmpty() && after.isEmpty())) {
        continue;
      }
      compare(old, now, port, entries(old, before), entries(now, after), changes);
    }
  }

  private static List<RouteRule> rules(Optional<Route> route) {
    return route.map(Route::rules).orElse(List.of());
  }

  private static Optional<Route> route(Service service, int port, boolean requests) {
    List<Route> deciding =
        requests
            ? Route.ofRequests(service.routes(), port)
            : Route.ofConnections(service.routes(), port);
    return deciding.stream().findFirst();
  }

  private static List<Entry> entries(Service service, Optional<Route> route) {
    if (route.isEmpty()) {
      return List.of(new Entry(RouteMatch.ANY, Behaviour.plain(service)));
    }
    List<Entry> entries = new ArrayList<>();
    for (RouteRule rule : route.get().rules()) {
      Behaviour behaviour = Behaviour.of(rule, service);
      List<RouteMatch> matches =
          rule.matches().isEmpty() ? List.of(RouteMatch.ANY) : rule.matches();
      matches.forEach(match -> entries.add(new Entry(match, behaviour)));
    }
    return entries;
  }

  private static void compare(
      Service old,
      Service now,
      int port,
      List<Entry> before,
      List<Entry> after,
      Set<Change> changes) {
    Set<RouteMatch> matches = new LinkedHashSet<>();
    before.forEach(entry -> matches.add(entry.match()));
    after.forEach(entry -> matches.add(entry.match()));
    boolean everything = matches.size() == 1;
    String where = now.ports().size() > 1 || old.ports().size() > 1 ? " on port " + port : "";
    // One change often concerns several matches; it is said once.
    Map<Behaviour.Difference, List<String>> said = new LinkedHashMap<>();
    matches.stream()
        .limit(MOST_MATCHES)
        .forEach(
            match -> {
              Behaviour was = behaviour(before, match);
              Behaviour is = behaviour(after, match);
              String what =
                  everything || !match.equals(RouteMatch.ANY)
                      ? MatchText.of(match)
                      : "any other request";
              for (Behaviour.Difference difference : Behaviour.differences(was, is)) {
                said.computeIfAbsent(difference, key -> new ArrayList<>()).add(what + where);
              }
            });
    said.forEach(
        (difference, requests) ->
            changes.add(
                new Change(
                    now.key(),
                    difference.text().replace(Behaviour.REQUESTS, String.join(" and ", requests)),
                    difference.risk())));
  }

  private static Behaviour behaviour(List<Entry> entries, RouteMatch match) {
    for (Entry entry : entries) {
      if (Implication.covers(entry.match(), match)) {
        return entry.behaviour();
      }
    }
    return Behaviour.NO_RULE;
  }
}
