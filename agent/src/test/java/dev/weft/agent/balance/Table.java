package dev.weft.agent.balance;

import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Inbound;
import dev.weft.policy.Locality;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteActions.SessionPersistence;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Snapshot;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.HashKey;
import dev.weft.policy.TrafficPolicy.LoadBalancing;
import dev.weft.policy.TrafficPolicy.LocalityBalancing;
import dev.weft.policy.TrafficPolicy.OutlierDetection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** A choice with a clock and dice of its own, and the values that tests of it share. */
final class Table {
  static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

  final Random dice = new Random(7);
  final List<String> events = new ArrayList<>();
  private Duration passed = Duration.ZERO;
  final EndpointChoice choice;
  MeshSettings mesh = MeshSettings.DEFAULT;

  Table() {
    this(Self.UNKNOWN);
  }

  Table(Self self) {
    choice =
        new EndpointChoice(
            () -> Long.MAX_VALUE - 5_000_000_000L + passed.toNanos(), // overflows on the way
            () -> START.plus(passed),
            self,
            new EjectionListener() {
              @Override
              public void ejected(String service, Endpoint endpoint, String reason, Duration time) {
                events.add(endpoint.workload() + " out " + time.toSeconds() + " s: " + reason);
              }

              @Override
              public void returned(String service, Endpoint endpoint) {
                events.add(endpoint.workload() + " in");
              }
            });
  }

  void pass(Duration time) {
    passed = passed.plus(time);
  }

  void pass(long seconds) {
    pass(Duration.ofSeconds(seconds));
  }

  Picked pick(Decision.Forward forward) {
    return pick(forward, Request.PLAIN);
  }

  Picked pick(Decision.Forward forward, Call call, Endpoint... tried) {
    return choice.choose(forward, mesh, call, Set.of(tried), dice);
  }

  /** Chooses, succeeds at once, and says whom it chose. */
  String name(Decision.Forward forward, Call call, Endpoint... tried) {
    Picked picked = pick(forward, call, tried);
    if (picked == null) {
      return "nobody";
    }
    end(picked, new Outcome.Response(200));
    return picked.endpoint().workload();
  }

  String name(Decision.Forward forward) {
    return name(forward, Request.PLAIN);
  }

  void end(Picked picked, Outcome outcome) {
    choice.outcome(picked, outcome, Duration.ofMillis(10));
    choice.finished(picked);
  }

  /** How often each endpoint is chosen. */
  Map<String, Integer> count(Decision.Forward forward, int times) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < times; i++) {
      counts.merge(name(forward), 1, Integer::sum);
    }
    return counts;
  }

  /** Requests until one goes to the endpoint, which ends with the outcome; the others succeed. */
  void hit(Decision.Forward forward, String workload, Outcome outcome) {
    for (int i = 0; i < 10_000; i++) {
      Picked picked = pick(forward);
      boolean found = picked.endpoint().workload().equals(workload);
      end(picked, found ? outcome : new Outcome.Response(200));
      if (found) {
        return;
      }
    }
    throw new AssertionError(workload + " was never chosen");
  }

  static Endpoint endpoint(String name) {
    return endpoint(name, "", 1);
  }

  static Endpoint endpoint(String name, int weight) {
    return endpoint(name, "", weight);
  }

  /** One at an address made of its name's letters. */
  static Endpoint endpoint(String name, String locality, int weight) {
    int number = name.chars().reduce(0, (sum, letter) -> sum * 31 + letter) & 0xffff;
    return new Endpoint(
        "10.0." + number / 256 + "." + number % 256,
        8080,
        80,
        name,
        "",
        Map.of("name", name),
        true,
        locality.isEmpty() ? Optional.empty() : Optional.of(Locality.parse(locality)),
        weight == 1 ? Optional.empty() : Optional.of(weight),
        Optional.empty());
  }

  static Service service(List<Endpoint> endpoints) {
    return new Service(
        "pay",
        "default",
        List.of("pay"),
        "",
        List.of(new ServicePort("http", 80, "http")),
        endpoints,
        List.of());
  }

  static Decision.Forward forward(Endpoint... endpoints) {
    return forward(List.of(endpoints), List.of(), Optional.empty());
  }

  static Decision.Forward forward(TrafficPolicy policy, Endpoint... endpoints) {
    return forward(List.of(endpoints), List.of(policy), Optional.empty());
  }

  static Decision.Forward forward(
      List<Endpoint> endpoints,
      List<TrafficPolicy> policies,
      Optional<SessionPersistence> session) {
    RouteActions actions =
        new RouteActions(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            session);
    return new Decision.Forward(
        "no-route",
        service(endpoints),
        endpoints,
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        new Decision.Delivery("default/pay", actions, policies, List.of()));
  }

  static TrafficPolicy policy(LoadBalancing balancing) {
    return policy(Optional.of(balancing), Optional.empty());
  }

  static TrafficPolicy policy(OutlierDetection outliers) {
    return policy(Optional.of(balancing(Algorithm.ROUND_ROBIN)), Optional.of(outliers));
  }

  static TrafficPolicy policy(
      Optional<LoadBalancing> balancing, Optional<OutlierDetection> outliers) {
    return new TrafficPolicy(
        "DestinationRule default/pay",
        List.of(),
        balancing,
        Optional.empty(),
        outliers,
        Optional.empty(),
        Optional.empty());
  }

  static LoadBalancing balancing(Algorithm algorithm) {
    return new LoadBalancing(
        algorithm,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  static LoadBalancing balancing(Algorithm algorithm, HashKey key) {
    return new LoadBalancing(
        algorithm,
        Optional.of(key),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  static LoadBalancing balancing(Algorithm algorithm, LocalityBalancing locality) {
    return new LoadBalancing(
        algorithm,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(locality));
  }

  static Snapshot snapshot(Map<String, String> labels, Service... services) {
    Inbound inbound =
        new Inbound(
            "orders-1",
            "orders",
            "default",
            "spiffe://cluster.local/ns/default/sa/orders",
            labels,
            new Inbound.Mtls(MtlsMode.PERMISSIVE, "default"),
            Map.of(),
            List.of());
    return new Snapshot(
        "1", "cluster.local", List.of("root"), inbound, List.of(services), MeshSettings.DEFAULT);
  }

  /** A request with these headers. */
  record Request(String pathAndQuery, Map<String, List<String>> headers) implements Call {
    static final Request PLAIN = new Request("/", Map.of());

    static Request with(String header, String... values) {
      return new Request("/", Map.of(header, List.of(values)));
    }

    static Request to(String pathAndQuery) {
      return new Request(pathAndQuery, Map.of());
    }

    @Override
    public String host() {
      return "pay";
    }

    @Override
    public int port() {
      return 80;
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public List<String> header(String name) {
      return headers.getOrDefault(name, List.of());
    }
  }
}
