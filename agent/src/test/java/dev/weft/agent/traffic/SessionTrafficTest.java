package dev.weft.agent.traffic;

import static dev.weft.agent.traffic.Samples.endpoint;
import static dev.weft.agent.traffic.Samples.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.control.MeshView;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteActions.SessionKind;
import dev.weft.policy.RouteActions.SessionPersistence;
import dev.weft.policy.RouteRule;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.WeightedBackend;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sessions over the weighted backends of a rule, from the request to the response's header. */
class SessionTrafficTest {
  /** Longer than a new endpoint is taken to need, so that whoever has answered is not the next. */
  private static final Duration LATENCY = Duration.ofMillis(50);

  private final Exchanges exchanges = new Exchanges(Map.of());

  private static Service service(String name, List<Route> routes, Endpoint... endpoints) {
    return new Service(
        name,
        "default",
        List.of(name),
        "",
        List.of(new ServicePort("http", 80, "http")),
        List.of(endpoints),
        routes);
  }

  private void weights(int stable, int canary) {
    RouteActions actions =
        new RouteActions(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(
                new SessionPersistence(
                    SessionKind.HEADER, "x-key", Optional.empty(), Optional.empty(), false)));
    RouteRule rule =
        new RouteRule(
            "0",
            List.of(),
            List.of(),
            List.of(),
            List.of(backend("stable", stable), backend("canary", canary)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(actions));
    exchanges.snapshots.publish(
        new MeshView(
            snapshot(
                service(
                    "pay", List.of(new Route("HTTPRoute default/pay", List.of(), List.of(rule)))),
                service("stable", List.of(), endpoint(1), endpoint(2)),
                service("canary", List.of(), endpoint(3), endpoint(4)))));
  }

  private static WeightedBackend backend(String name, int weight) {
    return new WeightedBackend("default/" + name, 80, weight, Map.of(), "", List.of(), List.of());
  }

  /** Where a request went, and the key that came back; empty: none did. */
  private record Answered(String address, Optional<String> key) {}

  private Answered send(Samples.Request request) {
    ClientExchange exchange = exchanges.traffic.begin("test", request);
    Attempt attempt = (Attempt) exchange.first();
    exchanges.clock.pass(LATENCY);
    Deliver deliver = (Deliver) exchange.responded(attempt, 200, name -> List.of());
    exchange.end(null);
    return new Answered(
        attempt.address().getAddress().getHostAddress(),
        deliver.responseHeaders().stream().findFirst().map(change -> change.value()));
  }

  private Answered with(String key) {
    return send(Samples.Request.get().with("x-key", key));
  }

  @Test
  void aSessionKeepsItsBackendAndEndpointWhateverTheWeightsAre() {
    weights(1, 1);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      weights(1, 1);
      Answered first = send(Samples.Request.get());
      seen.add(first.address());
      String key = first.key().orElseThrow();
      for (int[] weights : List.of(new int[] {1, 1}, new int[] {0, 9}, new int[] {9, 0})) {
        weights(weights[0], weights[1]);
        assertThat(with(key)).isEqualTo(new Answered(first.address(), Optional.empty()));
      }
    }
    assertThat(seen).as("new sessions go everywhere").hasSize(4);
  }
}
