package dev.weft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The rules of one port of a service, with every decision made beforehand. Immutable; thread-safe.
 */
final class PortRoutes implements PathIndex.Question {
  private final List<Entry> entries;
  private final PathIndex index;
  private final Decision otherwise;

  /** Whether any rule looks at the path. */
  private final boolean byPath;

  private PortRoutes(List<Entry> entries, PathIndex index, Decision otherwise) {
    this.entries = entries;
    this.byPath = entries.stream().anyMatch(entry -> entry.matcher().asksForPath());
    this.index = index;
    this.otherwise = otherwise;
  }

  /** A match and what is done to the requests that fit. */
  private record Entry(RequestMatcher matcher, Outcome outcome) {}

  /** What a rule does: nearly always it chooses a backend. */
  private sealed interface Outcome {
    Decision decide(Call call, RandomGenerator dice, Sessions sessions);
  }

  private record Forwarding(BackendChoice choice) implements Outcome {
    @Override
    public Decision decide(Call call, RandomGenerator dice, Sessions sessions) {
      return choice.choose(call, dice, sessions);
    }
  }

  private record Answering(Decision.Answer answer) implements Outcome {
    @Override
    public Decision decide(Call call, RandomGenerator dice, Sessions sessions) {
      return answer;
    }
  }

  private record Redirecting(String rule, RouteActions.Redirect redirect, String prefix)
      implements Outcome {
    @Override
    public Decision decide(Call call, RandomGenerator dice, Sessions sessions) {
      return new Decision.Redirect(
          rule, redirect.status(), RequestTarget.location(call, redirect, prefix));
    }
  }

  /**
   * Prepares the routes of a port.
   *
   * @param ownLabels of the calling workload
   * @throws com.google.re2j.PatternSyntaxException when an expression is not RE2
   */
  static PortRoutes of(
      Service service, int port, Destinations destinations, Map<String, String> ownLabels) {
    List<Entry> entries = new ArrayList<>();
    List<RouteMatch> matches = new ArrayList<>();
    String name = "";
    boolean others = false;
    for (Route route : Route.ofRequests(service.routes(), port)) {
      name = name.isEmpty() ? route.name() : name;
      for (RouteRule rule : route.rules()) {
        String ruleName = rule.route().orElse(route.name()) + " rule " + rule.name();
        List<RouteMatch> any = rule.matches().isEmpty() ? List.of(RouteMatch.ANY) : rule.matches();
        for (RouteMatch match : any) {
          if (ownLabels.entrySet().containsAll(match.sourceLabels().entrySet())) {
            Outcome outcome = outcome(ruleName, rule, match, service, port, destinations);
            entries.add(new Entry(new RequestMatcher(match), outcome));
            matches.add(match);
          } else {
            others = true;
          }
        }
      }
    }
    return new PortRoutes(
        List.copyOf(entries),
        PathIndex.of(matches),
        // Rules that are all for other workloads are no rules for this one.
        name.isEmpty() || (entries.isEmpty() && others)
            ? destinations.plain(service, port)
            : new Decision.Reject(name, 404, "NR", "no rule of a route matches the request"));
  }

  private static Outcome outcome(
      String name,
      RouteRule rule,
      RouteMatch match,
      Service service,
      int port,
      Destinations destinations) {
    RouteActions actions = rule.actions().orElse(RouteActions.NONE);
    if (actions.redirect().isPresent()) {
      String prefix = match.path().map(RouteMatch.PathMatch::value).orElse("/");
      return new Redirecting(name, actions.redirect().get(), prefix);
    }
    if (actions.answer().isPresent()) {
      RouteActions.DirectAnswer answer = actions.answer().get();
      return new Answering(new Decision.Answer(name, answer.status(), answer.body()));
    }
    return new Forwarding(BackendChoice.of(name, rule, service, port, destinations));
  }

  @Override
  public boolean fits(int match, Call call, String target, int end) {
    return entries.get(match).matcher().matches(call, target, end);
  }

  Decision decide(Call call, RandomGenerator dice, Sessions sessions) {
    if (entries.isEmpty()) {
      return otherwise;
    }
    String target = byPath ? call.normalTarget() : call.pathAndQuery();
    int first = index.first(call, target, RequestTarget.pathEnd(target), this);
    return first < 0 ? otherwise : entries.get(first).outcome().decide(call, dice, sessions);
  }
}
