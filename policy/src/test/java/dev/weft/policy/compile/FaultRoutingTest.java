package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.RouteActions;
import dev.weft.policy.Router;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What faults do to decisions, and to nothing else. */
class FaultRoutingTest {
  private static final String MESH =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: pay}
      spec: {selector: {app: pay}, ports: [{port: 80, targetPort: 8080}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: r}
      spec:
        parentRefs: [{group: "", kind: Service, name: pay}]
        rules:
        - name: v2
          matches: [{path: {value: /v2}}]
          backendRefs: [{name: pay, port: 80}]
        - name: v2-post
          matches: [{path: {value: /v2}, method: POST}]
          backendRefs: [{name: pay, port: 80}]
      ---
      apiVersion: weft.dev/v1alpha1
      kind: FaultPolicy
      metadata: {name: chaos}
      spec:
        targetRefs: [{kind: Service, name: pay}]
        matches:
        - headers: [{name: x-chaos, value: "yes"}]
          sources: [{serviceAccount: web}]
        abort: {httpStatus: 503}
      """;

  @ParameterizedTest
  @CsvSource({
    "web, GET, /v2, yes, HTTPRoute default/r rule v2, true",
    "web, GET, /v2, no, HTTPRoute default/r rule v2, false",
    "web, POST, /v2, yes, HTTPRoute default/r rule v2-post, true",
    "web, POST, /v2, no, HTTPRoute default/r rule v2-post, false",
    "web, GET, /v1, yes, HTTPRoute default/r, false",
    "shop, GET, /v2, yes, HTTPRoute default/r rule v2, false",
  })
  void onlyRequestsThatMatchFailAndNoneGoesAnotherWay(
      String client, String method, String path, String chaos, String rule, boolean fails) {
    Decision decision = decide(client, method, path, chaos);

    assertThat(decision.rule()).isEqualTo(rule);
    Optional<RouteActions.Fault> fault =
        decision instanceof Decision.Forward forward
            ? forward.delivery().actions().fault()
            : Optional.empty();
    assertThat(fault.isPresent()).isEqualTo(fails);
  }

  private static Decision decide(String client, String method, String path, String chaos) {
    PolicyStore policy = PolicyStore.empty().update(List.of(new SourceFile("m.yaml", MESH)));
    assertThat(policy.inForce()).hasSize(3);
    List<Workload> workloads = List.of(workload("pay"), workload("web"), workload("shop"));
    CompiledMesh mesh = MeshCompiler.compile(policy, workloads, "cluster.local", List.of());
    Router router = new Router(mesh.snapshotFor(workload(client)));
    return router.decide(new Request(method, path, chaos), new SplittableRandom(1));
  }

  private record Request(String method, String pathAndQuery, String chaos) implements Call {
    @Override
    public String host() {
      return "pay";
    }

    @Override
    public int port() {
      return 80;
    }

    @Override
    public List<String> header(String name) {
      return name.equalsIgnoreCase("x-chaos") ? List.of(chaos) : List.of();
    }
  }

  private static Workload workload(String service) {
    return new Workload(
        service + "-1",
        service,
        "default",
        service,
        "spiffe://cluster.local/ns/default/sa/" + service,
        "10.0.0." + service.hashCode() % 100,
        // A label cannot stand in for the account.
        Map.of("weft.dev/service-account", "web"),
        List.of(8080),
        Map.of(),
        true);
  }
}
