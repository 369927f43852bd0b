package dev.weft.policy.compile;

import dev.weft.policy.ConnectionPool;
import dev.weft.policy.RouteActions;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.ResiliencePolicySpec;
import dev.weft.policy.document.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How clients treat services, by {@code ResiliencePolicy}s. For every matter by itself, the first
 * counts that says something about it: a policy of the port, a policy of the Service, and only then
 * other kinds of documents; of two policies the older. Immutable once compiled.
 */
final class ResilienceCompiler {
  private static final int MOST_COMPARED = 8;

  private final Map<String, List<Attached>> byService = new HashMap<>();

  /** Who was the first to speak of a matter of a service's ports. */
  private final Map<String, String> taken = new HashMap<>();

  private ResilienceCompiler() {}

  /** A policy of a service, and the ports that it names; empty: all. */
  private record Attached(
      String title,
      Place place,
      CompiledService service,
      List<Integer> ports,
      ResiliencePolicySpec spec) {

    TrafficPolicy traffic() {
      TrafficPolicy said = spec.traffic();
      return new TrafficPolicy(
          title,
          ports,
          said.balancing(),
          said.limits(),
          said.outliers(),
          said.retryBudget(),
          said.tls(),
          said.session(),
          said.hedging(),
          said.circuit());
    }

    boolean saysAnythingOfTraffic() {
      return !matters(spec.traffic()).isEmpty();
    }

    List<String> allMatters() {
      List<String> matters = new ArrayList<>(matters(spec.traffic()));
      add(matters, "connections.max", spec.maxConnections());
      add(matters, "connections.connectTimeout", spec.connectTimeout());
      add(matters, "retry", spec.retry());
      add(matters, "timeouts.request", spec.requestTimeout());
      add(matters, "timeouts.backendRequest", spec.backendTimeout());
      return matters;
    }
  }

  /** What a policy speaks of. */
  private static List<String> matters(TrafficPolicy policy) {
    List<String> matters = new ArrayList<>();
    add(matters, "balancing", policy.balancing());
    add(matters, "limits", policy.limits());
    add(matters, "outliers", policy.outliers());
    add(matters, "retryBudget", policy.retryBudget());
    add(matters, "hedging", policy.hedging());
    add(matters, "circuit", policy.circuit());
    return matters;
  }

  private static void add(List<String> matters, String name, Optional<?> said) {
    if (said.isPresent()) {
      matters.add(name);
    }
  }

  static ResilienceCompiler compile(
      List<Document> documents, ServiceIndex services, List<Diagnostic> diagnostics) {
    ResilienceCompiler compiler = new ResilienceCompiler();
    ServiceTargets targets = new ServiceTargets(services, diagnostics);
    for (Document document : documents) {
      if (document.spec() instanceof ResiliencePolicySpec spec) {
        for (Spec.TargetRef ref : spec.targets()) {
          targets
              .find(ref, "the policy has no effect there")
              .map(
                  target ->
                      new Attached(
                          document.title(),
                          ref.place(),
                          target.service(),
                          target.namedPorts(),
                          spec))
              .ifPresent(attached -> compiler.attach(attached, diagnostics));
        }
      }
    }
    return compiler;
  }

  private void attach(Attached attached, List<Diagnostic> diagnostics) {
    Map<String, List<String>> twice = new LinkedHashMap<>();
    for (String matter : attached.allMatters()) {
      String what = attached.service().key() + " " + attached.ports() + " " + matter;
      String first = taken.putIfAbsent(what, attached.title());
      if (first != null) {
        twice.computeIfAbsent(first, title -> new ArrayList<>()).add(matter);
      }
    }
    twice.forEach(
        (first, matters) ->
            diagnostics.add(
                Code.CONFLICT.at(
                    attached.place(),
                    first + " speaks of " + String.join(", ", matters) + " already and counts")));
    byService.computeIfAbsent(attached.service().key(), key -> new ArrayList<>()).add(attached);
  }

  /** Warns of documents of other kinds that speak of the same. */
  void compareWith(
      BiFunction<CompiledService, String, Optional<ConnectionPool>> pools,
      BiFunction<CompiledService, String, List<TrafficPolicy>> policies,
      List<Diagnostic> diagnostics) {
    for (List<Attached> there : byService.values()) {
      CompiledService service = there.get(0).service();
      List<TrafficPolicy> others = policies.apply(service, service.namespace());
      Optional<ConnectionPool> pool = pools.apply(service, service.namespace());
      for (Attached attached : there) {
        for (TrafficPolicy other : firstOfEachKind(others, attached.ports())) {
          List<String> twice = new ArrayList<>(matters(other));
          twice.retainAll(attached.allMatters());
          warn(attached, other.rule(), twice, diagnostics);
        }
        if (pool.isPresent()) {
          List<String> twice = new ArrayList<>();
          add(twice, "connections.max", pool.get().maxConnections());
          add(twice, "connections.connectTimeout", pool.get().connectTimeout());
          twice.retainAll(attached.allMatters());
          warn(attached, pool.get().rule(), twice, diagnostics);
        }
      }
    }
  }

  /** Some of the policies that are as close as these ports; to name a few is enough. */
  private static List<TrafficPolicy> firstOfEachKind(
      List<TrafficPolicy> others, List<Integer> ports) {
    return others.stream()
        .filter(other -> other.ports().isEmpty() == ports.isEmpty())
        .filter(other -> ports.isEmpty() || other.ports().stream().anyMatch(ports::contains))
        .limit(MOST_COMPARED)
        .toList();
  }

  private static void warn(
      Attached attached, String other, List<String> twice, List<Diagnostic> diagnostics) {
    if (!twice.isEmpty()) {
      diagnostics.add(
          Code.CONFLICT.at(
              attached.place(),
              other + " speaks of " + String.join(", ", twice) + ", too; this policy counts"));
    }
  }

  /** The policies of a service before those of other kinds; the ones with ports first. */
  List<TrafficPolicy> policies(CompiledService service, List<TrafficPolicy> others) {
    List<Attached> there = byService.getOrDefault(service.key(), List.of());
    if (there.isEmpty()) {
      return others;
    }
    List<TrafficPolicy> all = new ArrayList<>();
    for (Attached attached : there) {
      if (attached.saysAnythingOfTraffic()) {
        all.add(attached.traffic());
      }
    }
    all.addAll(others);
    List<TrafficPolicy> sorted = new ArrayList<>();
    all.stream().filter(policy -> !policy.ports().isEmpty()).forEach(sorted::add);
    all.stream().filter(policy -> policy.ports().isEmpty()).forEach(sorted::add);
    return List.copyOf(sorted);
  }

  /** How clients connect, where other documents say the rest. */
  Optional<ConnectionPool> pool(CompiledService service, Optional<ConnectionPool> other) {
    Optional<Integer> max = said(service, 0, ResiliencePolicySpec::maxConnections);
    Optional<Duration> timeout = said(service, 0, ResiliencePolicySpec::connectTimeout);
    if (max.isEmpty() && timeout.isEmpty()) {
      return other;
    }
    String rule =
        byService.getOrDefault(service.key(), List.of()).stream()
            .filter(
                one ->
                    one.spec().maxConnections().isPresent()
                        || one.spec().connectTimeout().isPresent())
            .map(Attached::title)
            .findFirst()
            .orElse("");
    return Optional.of(
        new ConnectionPool(
            rule,
            max.or(() -> other.flatMap(ConnectionPool::maxConnections)),
            timeout.or(() -> other.flatMap(ConnectionPool::connectTimeout))));
  }

  /** What rules of a port have that say nothing themselves. */
  Optional<RuleDefaults> defaults(CompiledService service, int port) {
    Optional<RouteActions.Retry> retry = said(service, port, ResiliencePolicySpec::retry);
    Optional<Duration> request = said(service, port, ResiliencePolicySpec::requestTimeout);
    Optional<Duration> attempt = said(service, port, ResiliencePolicySpec::backendTimeout);
    if (retry.isEmpty() && request.isEmpty() && attempt.isEmpty()) {
      return Optional.empty();
    }
    String title =
        concerning(service, port)
            .filter(one -> speaksOfRules(one.spec()))
            .map(Attached::title)
            .findFirst()
            .orElse("");
    return Optional.of(new RuleDefaults(title, retry, request, attempt));
  }

  private static boolean speaksOfRules(ResiliencePolicySpec spec) {
    return spec.retry().isPresent()
        || spec.requestTimeout().isPresent()
        || spec.backendTimeout().isPresent();
  }

  private <T> Optional<T> said(
      CompiledService service, int port, Function<ResiliencePolicySpec, Optional<T>> matter) {
    return concerning(service, port).flatMap(one -> matter.apply(one.spec()).stream()).findFirst();
  }

  /** Those of the port, then those of all ports. */
  private Stream<Attached> concerning(CompiledService service, int port) {
    List<Attached> there = byService.getOrDefault(service.key(), List.of());
    return Stream.concat(
        there.stream().filter(one -> one.ports().contains(port)),
        there.stream().filter(one -> one.ports().isEmpty()));
  }
}
