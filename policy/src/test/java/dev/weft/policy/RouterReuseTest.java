package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Decision.Forward;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A router that starts from another decides like one that starts from nothing. */
class RouterReuseTest {
  private final Service front = service("front", "10.0.0.1", "default/back");
  private final Service back = service("back", "10.0.0.2");
  private final Router first = new Router(snapshot("web", front, back));

  @Test
  void whatDidNotChangeIsNotWorkedOutAgain() {
    Router second = new Router(snapshot("web", front, back), first);

    assertThat(decide(second)).isSameAs(decide(first));
  }

  @Test
  void aBackendThatMovedIsFoundByTheUnchangedRouteToIt() {
    Router second = new Router(snapshot("web", front, service("back", "10.0.0.3")), first);

    assertThat(addresses(first)).containsExactly("10.0.0.2");
    assertThat(addresses(second)).containsExactly("10.0.0.3");
  }

  @Test
  void aBackendThatGoesAndComesIsNoticedByTheUnchangedRouteToIt() {
    Router without = new Router(snapshot("web", front), first);
    Router again = new Router(snapshot("web", front, back), without);

    assertThat(decide(without)).isInstanceOf(Decision.Reject.class);
    assertThat(addresses(again)).containsExactly("10.0.0.2");
  }

  @Test
  void anotherIdentityOfTheCallerChangesEverything() {
    Router second = new Router(snapshot("other", front, back), first);

    assertThat(decide(second)).isNotSameAs(decide(first));
  }

  private static Decision decide(Router router) {
    return router.decide(
        new TestMesh.Request("http", "front", 80, "GET", "/", Map.of()), TestMesh.dice());
  }

  private static List<String> addresses(Router router) {
    return ((Forward) decide(router)).endpoints().stream().map(Endpoint::address).toList();
  }

  private static Snapshot snapshot(String account, Service... services) {
    Inbound inbound =
        new Inbound(
            "web-1",
            "web",
            "default",
            "spiffe://cluster.local/ns/default/sa/" + account,
            Map.of(),
            new Inbound.Mtls(MtlsMode.STRICT, "default"),
            Map.of(),
            List.of());
    return new Snapshot(
        "1", "cluster.local", List.of(), inbound, List.of(services), MeshSettings.DEFAULT);
  }

  private static Service service(String name, String address, String... backends) {
    String id = "spiffe://cluster.local/ns/default/sa/" + name;
    List<WeightedBackend> to =
        List.of(backends).stream()
            .map(key -> new WeightedBackend(key, 80, 1, Map.of(), "", List.of(), List.of()))
            .toList();
    RouteRule rule =
        new RouteRule("r", List.of(), List.of(), List.of(), to, Optional.empty(), Optional.empty());
    return new Service(
        name,
        "default",
        List.of(name),
        "",
        List.of(new ServicePort("http", 80, "http")),
        List.of(new Endpoint(address, 8080, 80, name + "-1", id, Map.of(), true)),
        to.isEmpty()
            ? List.of()
            : List.of(new Route("HTTPRoute default/r", List.of(), List.of(rule))));
  }
}
