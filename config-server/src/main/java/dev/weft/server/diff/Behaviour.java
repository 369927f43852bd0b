package dev.weft.server.diff;

import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteRule;
import dev.weft.policy.Service;
import dev.weft.policy.WeightedBackend;
import dev.weft.policy.tree.Leaves;
import dev.weft.policy.tree.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a rule does to a request. Immutable.
 *
 * @param shares of a hundred, by destination or answer
 * @param details timeouts, retries and all else, by name
 */
record Behaviour(Map<String, Double> shares, Map<String, String> details) {
  /** Stands in texts for the requests that are meant. */
  static final String REQUESTS = "{requests}";

  /** Where no rule fits. */
  static final Behaviour NO_RULE = new Behaviour(Map.of("404", 100.0), Map.of());

  private static final double LEAST = 0.005;

  /** A sentence with {@link #REQUESTS}. */
  record Difference(String text, boolean risk) {}

  /** Without a route. */
  static Behaviour plain(Service service) {
    return new Behaviour(Map.of(service.name(), 100.0), Map.of());
  }

  static Behaviour of(RouteRule rule, Service service) {
    Map<String, String> details = new LinkedHashMap<>();
    Leaves.of(Trees.toTree(rule))
        .forEach(
            (name, value) -> {
              boolean elsewhere =
                  name.equals("name")
                      || name.equals("route")
                      || name.startsWith("matches")
                      || name.startsWith("backends")
                      || name.startsWith("actions.redirect")
                      || name.startsWith("actions.answer");
              if (!elsewhere) {
                details.put(name, value);
              }
            });
    Map<String, Double> shares = shares(rule, service, details);
    return new Behaviour(Map.copyOf(shares), details);
  }

  private static Map<String, Double> shares(
      RouteRule rule, Service service, Map<String, String> details) {
    RouteActions actions = rule.actions().orElse(RouteActions.NONE);
    if (actions.redirect().isPresent()) {
      return Map.of("a redirect with " + Leaves.of(Trees.toTree(actions.redirect().get())), 100.0);
    }
    if (actions.answer().isPresent()) {
      return Map.of("the answer " + actions.answer().get().status(), 100.0);
    }
    if (rule.backends().isEmpty()) {
      return Map.of(service.name(), 100.0);
    }
    long sum = rule.backends().stream().mapToLong(WeightedBackend::weight).sum();
    if (sum == 0) {
      return Map.of("500", 100.0);
    }
    Map<String, Double> shares = new TreeMap<>();
    for (WeightedBackend backend : rule.backends()) {
      String name = backend.invalid().isEmpty() ? name(backend, service) : "500";
      if (backend.weight() > 0) {
        shares.merge(name, 100.0 * backend.weight() / sum, Double::sum);
      }
      Leaves.of(Trees.toTree(backend))
          .forEach(
              (leaf, value) -> {
                if (leaf.startsWith("requestHeaders") || leaf.startsWith("responseHeaders")) {
                  details.put("for " + name + "." + leaf, value);
                }
              });
    }
    return shares;
  }

  private static String name(WeightedBackend backend, Service service) {
    String own = service.namespace() + "/";
    String key = backend.service();
    return (key.startsWith(own) ? key.substring(own.length()) : key)
        + (backend.port() == 0 || service.ports().stream().anyMatch(p -> p.port() == backend.port())
            ? ""
            : ":" + backend.port())
        + backend.subsetName().map(subset -> " subset " + subset).orElse("");
  }

  static List<Difference> differences(Behaviour old, Behaviour now) {
    List<Difference> found = new ArrayList<>();
    if (!old.shares().equals(now.shares())) {
      found.addAll(moves(old.shares(), now.shares()));
    }
    boolean gone = now.equals(NO_RULE) || old.equals(NO_RULE);
    if (!gone) {
      MeshDiff.differences(old.details(), now.details())
          .forEach(text -> found.add(new Difference(text + " for " + REQUESTS, false)));
    }
    return found;
  }

  private static List<Difference> moves(Map<String, Double> old, Map<String, Double> now) {
    Set<String> names = new TreeSet<>(old.keySet());
    names.addAll(now.keySet());
    List<String> less = new ArrayList<>();
    List<String> more = new ArrayList<>();
    for (String name : names) {
      double moved = now.getOrDefault(name, 0.0) - old.getOrDefault(name, 0.0);
      if (Math.abs(moved) >= LEAST) {
        (moved < 0 ? less : more).add(name);
      }
    }
    boolean risk = more.stream().anyMatch(name -> name.equals("404") || name.equals("500"));
    if (less.isEmpty() && more.isEmpty()) {
      return List.of();
    }
    if (less.size() == 1 && more.size() == 1) {
      double moved = now.getOrDefault(more.get(0), 0.0) - old.getOrDefault(more.get(0), 0.0);
      String from = less.get(0);
      String to = more.get(0);
      return List.of(new Difference(move(percent(moved), from, to), risk));
    }
    List<String> parts = new ArrayList<>();
    for (String name : names) {
      double was = old.getOrDefault(name, 0.0);
      double is = now.getOrDefault(name, 0.0);
      if (Math.abs(was - is) >= LEAST) {
        parts.add(name + " gets " + percent(is) + " instead of " + percent(was));
      }
    }
    return List.of(new Difference("of " + REQUESTS + " " + String.join(", ", parts), risk));
  }

  private static String move(String share, String from, String to) {
    String who = share.equals("100 %") ? REQUESTS : share + " of " + REQUESTS;
    if (isStatus(to)) {
      return who + " gets " + to + " instead of " + from;
    }
    return isStatus(from)
        ? who + " is answered by " + to + " instead of with " + from
        : who + " moves from " + from + " to " + to;
  }

  private static boolean isStatus(String name) {
    return name.equals("404")
        || name.equals("500")
        || name.startsWith("the answer ")
        || name.startsWith("a redirect ");
  }

  private static String percent(double share) {
    return Math.abs(share - Math.rint(share)) < LEAST
        ? String.format(Locale.ROOT, "%.0f %%", share)
        : String.format(Locale.ROOT, "%.2f %%", share);
  }
}
