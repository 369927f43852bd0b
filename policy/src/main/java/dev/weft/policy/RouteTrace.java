package dev.weft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What {@link Router} does with a call or a connection, step by step, for people. Slower than the
 * router by orders of magnitude, and of the same opinion: its outcomes are the decisions that the
 * router can make, with their shares. Immutable.
 *
 * @param service whose name the host is; empty: nobody's
 * @param route the route that decides; empty: none binds this caller's calls to the port
 * @param tried the matches that were asked, in order; the last one fits, unless none does
 * @param outcomes what can become of the call, in order of the backends; never empty
 */
public record RouteTrace(
    Optional<Service> service, Optional<Route> route, List<Tried> tried, List<Outcome> outcomes) {

  /**
   * A match that was asked.
   *
   * @param route the document
   * @param failure the first condition that does not hold; empty: the match fits
   */
  public record Tried(String route, String rule, RouteMatch match, Optional<String> failure) {}

  /**
   * One of the things that can become of the call.
   *
   * @param weight of {@code total}
   * @param backend that the rule names; empty: the service itself, or nobody
   */
  public record Outcome(
      Decision decision, long weight, long total, Optional<WeightedBackend> backend) {}

  /** What is followed. */
  private interface Asked {
    String host();

    int port();

    /** Those of a service's routes that decide about it. */
    List<Route> of(List<Route> routes);

    /** The first condition that does not hold; empty: the match fits. */
    Optional<String> failure(RouteMatch match);

    /** What the router decides where there is nothing to choose. */
    Decision decide(Router router);

    /** What becomes of it when the dice fall on a decision. */
    Decision outcome(BackendChoice choice, int index);
  }

  private record Request(Call call, Map<String, String> ownLabels) implements Asked {
    @Override
    public String host() {
      return call.host();
    }

    @Override
    public int port() {
      return call.port();
    }

    @Override
    public List<Route> of(List<Route> routes) {
      return Route.ofRequests(routes, call.port());
    }

    @Override
    public Optional<String> failure(RouteMatch match) {
      return MatchTrace.failure(match, call, ownLabels);
    }

    @Override
    public Decision decide(Router router) {
      return router.decide(call, NoDice.THROWN);
    }

    @Override
    public Decision outcome(BackendChoice choice, int index) {
      return choice.outcome(index, call);
    }
  }

  private record Connection(String host, int port, String name, Map<String, String> ownLabels)
      implements Asked {
    @Override
    public List<Route> of(List<Route> routes) {
      return Route.ofConnections(routes, port);
    }

    @Override
    public Optional<String> failure(RouteMatch match) {
      return MatchTrace.failure(match, name, ownLabels);
    }

    @Override
    public Decision decide(Router router) {
      return router.connect(host, port, name, NoDice.THROWN);
    }

    @Override
    public Decision outcome(BackendChoice choice, int index) {
      return choice.decisions().get(index);
    }
  }

  /** Follows a call. Pure. */
  public static RouteTrace of(Snapshot snapshot, Call call) {
    return of(snapshot, new Request(call, Router.ownLabels(snapshot.inbound())));
  }

  /**
   * Follows a connection of which nobody sees the requests. Pure.
   *
   * @param name what its own TLS names, if it has any; see {@link Router#connect}
   */
  public static RouteTrace ofConnection(Snapshot snapshot, String host, int port, String name) {
    return of(snapshot, new Connection(host, port, name, Router.ownLabels(snapshot.inbound())));
  }

  private static RouteTrace of(Snapshot snapshot, Asked asked) {
    Router router = new Router(snapshot);
    Optional<Service> service = router.service(asked.host());
    boolean known =
        service.isPresent()
            && service.get().ports().stream().anyMatch(port -> port.port() == asked.port());
    if (!known) {
      // Without a service or a port there is nothing to choose, and no dice are taken.
      Decision decision = asked.decide(router);
      return new RouteTrace(service, Optional.empty(), List.of(), List.of(only(decision)));
    }
    return follow(snapshot, service.get(), asked, router);
  }

  private static RouteTrace follow(Snapshot snapshot, Service service, Asked asked, Router router) {
    List<Tried> tried = new ArrayList<>();
    Optional<Route> first = Optional.empty();
    for (Route route : asked.of(service.routes())) {
      first = first.isEmpty() ? Optional.of(route) : first;
      for (RouteRule rule : route.rules()) {
        List<RouteMatch> matches =
            rule.matches().isEmpty() ? List.of(RouteMatch.ANY) : rule.matches();
        for (RouteMatch match : matches) {
          Optional<String> failure = asked.failure(match);
          String document = rule.route().orElse(route.name());
          tried.add(new Tried(document, rule.name(), match, failure));
          if (failure.isEmpty()) {
            return new RouteTrace(
                Optional.of(service),
                first,
                List.copyOf(tried),
                outcomes(snapshot, service, rule, document, asked, router));
          }
        }
      }
    }
    Decision otherwise = asked.decide(router);
    return new RouteTrace(
        Optional.of(service), first, List.copyOf(tried), List.of(only(otherwise)));
  }

  private static List<Outcome> outcomes(
      Snapshot snapshot,
      Service service,
      RouteRule rule,
      String document,
      Asked asked,
      Router router) {
    RouteActions actions = rule.actions().orElse(RouteActions.NONE);
    if (actions.redirect().isPresent() || actions.answer().isPresent()) {
      return List.of(only(asked.decide(router)));
    }
    BackendChoice choice =
        BackendChoice.of(
            document + " rule " + rule.name(),
            rule,
            service,
            asked.port(),
            new Destinations(snapshot.services()));
    List<WeightedBackend> backends =
        rule.backends().stream().filter(backend -> backend.weight() > 0).toList();
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < choice.decisions().size(); i++) {
      outcomes.add(
          new Outcome(
              asked.outcome(choice, i),
              choice.weight(i),
              choice.total(),
              i < backends.size() ? Optional.of(backends.get(i)) : Optional.empty()));
    }
    return List.copyOf(outcomes);
  }

  private static Outcome only(Decision decision) {
    return new Outcome(decision, 1, 1, Optional.empty());
  }

  /** Dice for decisions that take none. */
  private enum NoDice implements RandomGenerator {
    THROWN;

    @Override
    public long nextLong() {
      return 0;
    }
  }
}
