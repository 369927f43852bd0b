package dev.weft.server.explain;

import dev.weft.policy.MatchText;
import dev.weft.policy.RouteTrace;
import java.util.LinkedHashMap;
import java.util.Map;

/** Matches that were asked, as rows. Stateless. */
final class Tries {
  private Tries() {}

  static Map<String, Object> row(RouteTrace.Tried tried, boolean connection, Origins origins) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("route", tried.route());
    row.put("rule", tried.rule());
    row.put("at", origins.at(tried.route(), tried.rule()));
    row.put(
        "match", connection ? MatchText.ofConnection(tried.match()) : MatchText.of(tried.match()));
    row.put("fits", tried.failure().isEmpty());
    tried.failure().ifPresent(failure -> row.put("because", failure));
    return row;
  }
}
