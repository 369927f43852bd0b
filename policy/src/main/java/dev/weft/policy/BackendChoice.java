package dev.weft.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A rule's backends, each with the decision it stands for, and their weights. Immutable;
 * thread-safe.
 */
final class BackendChoice {
  private final List<Decision> decisions;

  /** Sums of the weights up to and with each backend. */
  private final long[] sums;

  private BackendChoice(List<Decision> decisions, long[] sums) {
    this.decisions = decisions;
    this.sums = sums;
  }

  static BackendChoice of(
      Route route, RouteRule rule, Service parent, int port, Map<String, Service> services) {
    String name = route.name() + " rule " + rule.name();
    if (rule.backends().isEmpty()) {
      Decision self =
          forward(name, parent, endpoints(parent, port, Map.of()), rule, List.of(), List.of());
      return new BackendChoice(List.of(self), new long[] {1});
    }
    List<Decision> decisions = new ArrayList<>();
    List<Long> sums = new ArrayList<>();
    long sum = 0;
    for (WeightedBackend backend : rule.backends()) {
      if (backend.weight() > 0) {
        sum += backend.weight();
        sums.add(sum);
        decisions.add(decision(name, rule, backend, services));
      }
    }
    if (decisions.isEmpty()) {
      String reason = "no backend of the rule has a weight above zero";
      return new BackendChoice(
          List.of(new Decision.Reject(name, 500, "NR", reason)), new long[] {1});
    }
    return new BackendChoice(
        List.copyOf(decisions), sums.stream().mapToLong(Long::longValue).toArray());
  }

  /** A service's own endpoints, without any rule. */
  static Decision plain(String name, Service service, int port) {
    List<Endpoint> endpoints = endpoints(service, port, Map.of());
    return endpoints.isEmpty()
        ? noEndpoint(name, service)
        : new Decision.Forward(
            name, service, endpoints, List.of(), List.of(), Optional.empty(), Optional.empty());
  }

  /** Takes no dice where there is no choice. */
  Decision choose(RandomGenerator dice) {
    if (sums.length == 1) {
      return decisions.get(0);
    }
    long fallen = dice.nextLong(sums[sums.length - 1]);
    int i = 0;
    while (fallen >= sums[i]) {
      i++;
    }
    return decisions.get(i);
  }

  private static Decision decision(
      String name, RouteRule rule, WeightedBackend backend, Map<String, Service> services) {
    if (!backend.invalid().isEmpty()) {
      return new Decision.Reject(name, 500, "NR", backend.invalid());
    }
    Service service = services.get(backend.service());
    if (service == null) {
      return new Decision.Reject(
          name, 500, "NR", "Service " + backend.service() + " does not exist");
    }
    return forward(
        name,
        service,
        endpoints(service, backend.port(), backend.subset()),
        rule,
        backend.requestHeaders(),
        backend.responseHeaders());
  }

  private static Decision forward(
      String name,
      Service service,
      List<Endpoint> endpoints,
      RouteRule rule,
      List<HeaderEdit> requestHeaders,
      List<HeaderEdit> responseHeaders) {
    if (endpoints.isEmpty()) {
      return noEndpoint(name, service);
    }
    Optional<Duration> request = rule.requestTimeout();
    Optional<Duration> attempt = rule.backendTimeout();
    return new Decision.Forward(
        name,
        service,
        endpoints,
        join(rule.requestHeaders(), requestHeaders),
        join(rule.responseHeaders(), responseHeaders),
        request,
        attempt);
  }

  private static Decision noEndpoint(String name, Service service) {
    return new Decision.Reject(
        name, 503, "UH", "Service " + service.key() + " has no endpoint that is ready");
  }

  private static List<Endpoint> endpoints(Service service, int port, Map<String, String> subset) {
    return service.endpoints().stream()
        .filter(endpoint -> endpoint.ready() && endpoint.servicePort() == port)
        .filter(endpoint -> endpoint.labels().entrySet().containsAll(subset.entrySet()))
        .toList();
  }

  private static List<HeaderEdit> join(List<HeaderEdit> one, List<HeaderEdit> other) {
    List<HeaderEdit> both = new ArrayList<>(one);
    both.addAll(other);
    return List.copyOf(both);
  }
}
