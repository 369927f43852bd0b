package dev.weft.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A rule's backends, each with the decision it stands for, and their weights. Immutable;
 * thread-safe.
 */
final class BackendChoice {
  private final List<Decision> decisions;

  /** Sums of the weights up to and with each backend. */
  private final long[] sums;

  /** What the rule makes of other origins where no backend takes the request; null: nothing. */
  private final @Nullable CrossOrigin crossOrigin;

  private final StickyBackends sticky;

  private BackendChoice(
      List<Decision> decisions,
      long[] sums,
      @Nullable CrossOrigin crossOrigin,
      StickyBackends sticky) {
    this.decisions = decisions;
    this.sums = sums;
    this.crossOrigin = crossOrigin;
    this.sticky = sticky;
  }

  /**
   * The choice of a rule.
   *
   * @param name of the rule in decisions
   * @param parent the service that was called
   * @param port its port that was called
   */
  static BackendChoice of(
      String name, RouteRule rule, Service parent, int port, Destinations destinations) {
    Optional<RouteActions.Cors> cors = rule.actions().flatMap(RouteActions::cors);
    CrossOrigin crossOrigin = cors.map(CrossOrigin::of).orElse(null);
    StickyBackends sticky = new StickyBackends();
    if (rule.backends().isEmpty()) {
      return always(
          crossOrigin,
          sticky,
          Destinations.balances(parent)
              ? forward(
                  name,
                  destinations.whole(parent, port),
                  rule,
                  List.of(),
                  List.of(),
                  rule.actions().orElse(RouteActions.NONE),
                  destinations)
              : new Decision.PassThrough(name));
    }
    List<Decision> decisions = new ArrayList<>();
    List<Long> sums = new ArrayList<>();
    long sum = 0;
    for (WeightedBackend backend : rule.backends()) {
      Decision decision = decision(name, rule, backend, parent, destinations);
      if (rule.backends().size() > 1) {
        sticky.add(decision, backend.weight());
      }
      if (backend.weight() > 0) {
        sum += backend.weight();
        sums.add(sum);
        decisions.add(decision);
      }
    }
    if (decisions.isEmpty()) {
      String reason = "no backend of the rule has a weight above zero";
      return always(crossOrigin, sticky, new Decision.Reject(name, 500, "NR", reason));
    }
    return new BackendChoice(
        List.copyOf(decisions),
        sums.stream().mapToLong(Long::longValue).toArray(),
        crossOrigin,
        sticky);
  }

  private static BackendChoice always(
      @Nullable CrossOrigin crossOrigin, StickyBackends sticky, Decision decision) {
    return new BackendChoice(List.of(decision), new long[] {1}, crossOrigin, sticky);
  }

  /** For a connection, whose requests nobody sees. */
  Decision choose(RandomGenerator dice) {
    return decisions.get(index(dice));
  }

  /** By the call's session, else by the dice. */
  Decision choose(Call call, RandomGenerator dice, Sessions sessions) {
    Decision.Forward kept = sticky.isEmpty() ? null : sticky.of(call, sessions);
    return answered(kept == null ? decisions.get(index(dice)) : kept, call);
  }

  /** What becomes of a call without session for which the dice fall on a decision. */
  Decision outcome(int index, Call call) {
    return answered(decisions.get(index), call);
  }

  /** Unless it is a preflight that the agent answers. */
  private Decision answered(Decision decision, Call call) {
    CrossOrigin filter =
        decision instanceof Decision.Forward forward
            ? forward.delivery().crossOrigin().orElse(null)
            : decision instanceof Decision.Reject ? crossOrigin : null;
    List<HeaderEdit> preflight = filter == null ? null : filter.preflight(call);
    return preflight == null ? decision : new Decision.Preflight(decision.rule(), preflight);
  }

  /** Takes no dice where there is no choice. */
  private int index(RandomGenerator dice) {
    if (sums.length == 1) {
      return 0;
    }
    long fallen = dice.nextLong(sums[sums.length - 1]);
    int i = 0;
    while (fallen >= sums[i]) {
      i++;
    }
    return i;
  }

  /** The decisions it can make, in order. */
  List<Decision> decisions() {
    return decisions;
  }

  /** The weight of a decision, of {@link #total}. */
  long weight(int index) {
    return index == 0 ? sums[0] : sums[index] - sums[index - 1];
  }

  long total() {
    return sums[sums.length - 1];
  }

  private static Decision decision(
      String name,
      RouteRule rule,
      WeightedBackend backend,
      Service parent,
      Destinations destinations) {
    if (!backend.invalid().isEmpty()) {
      return new Decision.Reject(name, 500, "NR", backend.invalid());
    }
    Service service = destinations.service(backend.service());
    if (service == null) {
      return new Decision.Reject(
          name, 500, "NR", "Service " + backend.service() + " does not exist");
    }
    Optional<Destinations.Destination> destination = destinations.of(service, backend);
    if (destination.isEmpty()) {
      return new Decision.Reject(
          name,
          500,
          "NR",
          "Service "
              + backend.service()
              + " has no subset \""
              + backend.subsetName().orElse("")
              + "\"");
    }
    if (!Destinations.balances(service)) {
      // Only the application's own DNS knows its address, so only calls by its own name get there.
      return service.key().equals(parent.key())
          ? new Decision.PassThrough(name)
          : new Decision.Reject(
              name,
              500,
              "NR",
              "Service " + service.key() + " is outside the mesh and reached by its own name only");
    }
    RouteActions actions = rule.actions().orElse(RouteActions.NONE);
    return forward(
        name,
        destination.get(),
        rule,
        backend.requestHeaders(),
        backend.responseHeaders(),
        backend.actions().map(actions::with).orElse(actions),
        destinations);
  }

  private static Decision forward(
      String name,
      Destinations.Destination destination,
      RouteRule rule,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders,
      RouteActions actions,
      Destinations destinations) {
    if (destination.endpoints().isEmpty()) {
      return noEndpoint(name, destination.service());
    }
    return new Decision.Forward(
        name,
        destination.service(),
        destination.endpoints(),
        join(rule.requestHeaders(), requestHeaders),
        join(rule.responseHeaders(), responseHeaders),
        rule.requestTimeout(),
        rule.backendTimeout(),
        new Decision.Delivery(
            destination.name(),
            actions,
            destination.policies(),
            destinations.copies(actions.mirrors())));
  }

  static Decision noEndpoint(String name, Service service) {
    return new Decision.Reject(
        name, 503, "UH", "Service " + service.key() + " has no endpoint that is ready");
  }

  private static List<HeaderEdit> join(List<HeaderEdit> one, List<HeaderEdit> other) {
    List<HeaderEdit> both = new ArrayList<>(one);
    both.addAll(other);
    return List.copyOf(both);
  }
}
