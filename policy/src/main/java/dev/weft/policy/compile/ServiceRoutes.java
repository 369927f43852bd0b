package dev.weft.policy.compile;

import dev.weft.policy.Precedence;
import dev.weft.policy.Route;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteRule;
import dev.weft.policy.ServicePort;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * All routes of one service, and what they make of the calls of each namespace's clients: worked
 * out on demand, once. Thread-safe.
 */
final class ServiceRoutes {
  /** Whom it stands for where all clients are treated alike; no namespace has this name. */
  private static final String EVERYBODY = "";

  private static final int MOST_NAMED = 8;

  private final CompiledService service;
  private final List<RouteBinding> bindings;
  private final boolean sameForAll;
  private final Map<String, List<Route>> byClient = new ConcurrentHashMap<>();

  /** {@code bindings} are in order of their documents. */
  ServiceRoutes(CompiledService service, List<RouteBinding> bindings) {
    this.service = service;
    this.bindings = List.copyOf(bindings);
    this.sameForAll = bindings.stream().allMatch(binding -> binding.sameForAll(service));
  }

  /** Whether another set of routes of the same service would give the same. */
  @SuppressWarnings("ReferenceEquality") // reused bindings are the same objects
  boolean madeOf(CompiledService otherService, List<RouteBinding> others) {
    if (!service.sameShape(otherService) || bindings.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < others.size(); i++) {
      if (bindings.get(i) != others.get(i)) {
        return false;
      }
    }
    return true;
  }

  /** The routes that bind the calls of one namespace's clients. */
  List<Route> of(String clientNamespace) {
    return byClient.computeIfAbsent(sameForAll ? EVERYBODY : clientNamespace, this::routes);
  }

  /**
   * One match of one rule, before its place among all is known.
   *
   * @param lengths see {@link Spec.MatchSpec}
   * @param number of the rule
   */
  private record Entry(
      RouteMatch match,
      List<Integer> lengths,
      RouteBinding binding,
      RouteBinding.Rule rule,
      int number) {

    private static final Comparator<Entry> PRECEDENCE =
        Comparator.comparing(Entry::lengths, Entry::longerFirst)
            .thenComparing(Entry::match, Precedence.ORDER);

    private static int longerFirst(List<Integer> one, List<Integer> other) {
      for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
        int length = i < one.size() ? one.get(i) : 0;
        int otherLength = i < other.size() ? other.get(i) : 0;
        if (length != otherLength) {
          return otherLength - length;
        }
      }
      return 0;
    }
  }

  private List<Route> routes(String clientNamespace) {
    // Ports with the same rules share a route.
    Map<Route, Taken> taken = new LinkedHashMap<>();
    for (ServicePort port : service.ports()) {
      List<RouteBinding> binding = binding(port.port(), clientNamespace);
      if (!binding.isEmpty()) {
        taken
            .computeIfAbsent(route(binding, port.port(), clientNamespace), route -> new Taken())
            .add(port.port(), binding);
      }
    }
    List<Route> routes = new ArrayList<>();
    taken.forEach(
        (route, by) ->
            routes.add(
                new Route(
                    route.name(),
                    by.everyPort && by.ports.size() == service.ports().size()
                        ? List.of()
                        : List.copyOf(by.ports),
                    route.rules(),
                    route.layer())));
    return List.copyOf(routes);
  }

  /** The ports that share a route, and whether its documents mean every port there may be. */
  private static final class Taken {
    private final SortedSet<Integer> ports = new TreeSet<>();
    private boolean everyPort = true;

    void add(int port, List<RouteBinding> bindings) {
      ports.add(port);
      everyPort &= bindings.stream().allMatch(RouteBinding::allPorts);
    }
  }

  /** The routes that count for one port: a consumer's before the producer's, then the kind. */
  private List<RouteBinding> binding(int port, String clientNamespace) {
    List<RouteBinding> consumers = new ArrayList<>();
    List<RouteBinding> producers = new ArrayList<>();
    for (RouteBinding binding : bindings) {
      if (!binding.ports().contains(port)
          || !binding.exportedTo(clientNamespace)
          || (binding.order() == Spec.Order.LISTED && !binding.takesAny(port, clientNamespace))) {
        continue;
      }
      if (binding.isProducer(service)) {
        producers.add(binding);
      } else if (binding.namespace().equals(clientNamespace)) {
        consumers.add(binding);
      }
    }
    List<RouteBinding> closest = consumers.isEmpty() ? producers : consumers;
    int rank = closest.stream().mapToInt(RouteBinding::rank).min().orElse(0);
    return closest.stream().filter(binding -> binding.rank() == rank).toList();
  }

  private static Route route(List<RouteBinding> bindings, int port, String clientNamespace) {
    List<Entry> entries = new ArrayList<>();
    Set<String> titles = new LinkedHashSet<>();
    int number = 0;
    for (RouteBinding binding : bindings) {
      titles.add(binding.title());
      for (RouteBinding.Rule rule : binding.rules()) {
        for (Spec.MatchSpec match : rule.matches(port, clientNamespace)) {
          entries.add(new Entry(match.match(), match.lengths(), binding, rule, number));
        }
        number++;
      }
    }
    if (bindings.get(0).order() == Spec.Order.PRECEDENCE) {
      // The sort is stable: what the precedence leaves open goes by order of routes and rules.
      entries.sort(Entry.PRECEDENCE);
    }
    Route.Layer layer = bindings.get(0).layer();
    return new Route(
        name(titles),
        List.of(),
        rules(entries, titles.size() > 1, port),
        layer == Route.Layer.HTTP ? Optional.empty() : Optional.of(layer));
  }

  /** Answers and logs carry it, so it names only some of very many. */
  private static String name(Set<String> titles) {
    if (titles.size() <= MOST_NAMED) {
      return String.join(", ", titles);
    }
    return titles.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
        + " and "
        + (titles.size() - MOST_NAMED)
        + " more";
  }

  /** Neighbours that belong to one rule become one again. */
  private static List<RouteRule> rules(List<Entry> entries, boolean severalRoutes, int port) {
    List<RouteRule> rules = new ArrayList<>();
    int from = 0;
    while (from < entries.size()) {
      Entry first = entries.get(from);
      List<RouteMatch> matches = new ArrayList<>();
      int to = from;
      while (to < entries.size() && entries.get(to).number() == first.number()) {
        matches.add(entries.get(to).match());
        to++;
      }
      boolean everything = matches.equals(List.of(RouteMatch.ANY));
      rules.add(
          first
              .rule()
              .with(
                  everything ? List.of() : List.copyOf(matches),
                  severalRoutes ? Optional.of(first.binding().title()) : Optional.empty(),
                  port));
      from = to;
    }
    return List.copyOf(rules);
  }
}
