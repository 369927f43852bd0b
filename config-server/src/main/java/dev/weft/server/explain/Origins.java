package dev.weft.server.explain;

import dev.weft.policy.document.Document;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where documents and their rules stand. Immutable. */
final class Origins {
  private final Map<String, Document> byTitle = new HashMap<>();

  Origins(PolicyStore policy) {
    policy.inForce().forEach(document -> byTitle.put(document.title(), document));
    policy.failClosed().forEach(document -> byTitle.put(document.title(), document));
  }

  /** {@code pay.yaml:12}; empty when it is no document. */
  String at(String title) {
    Document document = byTitle.get(title);
    return document == null ? "" : at(document.place());
  }

  /** The same of several titles, joined by {@code ", "}. */
  List<String> atAll(String titles) {
    List<String> places = new ArrayList<>();
    for (String title : titles.split(", ", -1)) {
      if (!at(title).isEmpty()) {
        places.add(title + " at " + at(title));
      }
    }
    return places;
  }

  /** Where a rule of a route stands; the document if the rule has no place of its own. */
  String at(String title, String rule) {
    Document document = byTitle.get(title);
    if (document != null && document.spec() instanceof Spec.RouteSpec route) {
      for (Spec.RoutePart part : route.parts()) {
        for (Spec.RuleSpec found : part.rules()) {
          if (found.name().equals(rule)) {
            return at(found.place());
          }
        }
      }
    }
    return at(title);
  }

  private static String at(Place place) {
    return place.file() + ":" + place.line();
  }
}
