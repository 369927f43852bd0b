package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.Router;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** References in circles end, and hosts have one form. */
class HostileReferencesTest {
  private static final String CIRCLE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: bank}
      spec: {selector: {app: bank}, ports: [{port: 80, targetPort: 8080}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: pay}
      spec: {selector: {app: pay}, ports: [{port: 80, targetPort: 8080}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: to-pay}
      spec:
        parentRefs: [{group: "", kind: Service, name: bank}]
        rules: [{backendRefs: [{name: pay, port: 80}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: to-bank}
      spec:
        parentRefs: [{group: "", kind: Service, name: pay}]
        rules: [{backendRefs: [{name: bank, port: 80}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: to-itself}
      spec:
        parentRefs: [{group: "", kind: Service, name: pay}]
        rules: [{matches: [{path: {value: /self}}], backendRefs: [{name: pay, port: 80}]}]
      """;

  @Test
  void routesThatLeadToEachOtherDoNotChain() {
    assertThat(decide("bank", "/")).isEqualTo("default/pay by HTTPRoute default/to-pay rule 0");
    assertThat(decide("pay", "/")).isEqualTo("default/bank by HTTPRoute default/to-bank rule 0");
    assertThat(decide("pay", "/self"))
        .isEqualTo("default/pay by HTTPRoute default/to-itself rule 0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bank",
        "BANK",
        "Bank",
        "bank.",
        "BANK.",
        "bank.default",
        "Bank.Default.SVC.",
        "bank.default.svc.cluster.local",
        "BANK.DEFAULT.SVC.CLUSTER.LOCAL."
      })
  void aHostHasNoCaseAndMayEndInADot(String host) {
    assertThat(decide(host, "/")).isEqualTo("default/pay by HTTPRoute default/to-pay rule 0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ban\u212a", // Kelvin sign, whose lower case is k
        "BAN\u212A",
        "b\u0430nk", // Cyrillic a
        "\uff42ank", // full width b
        "bank\u3002", // ideographic full stop
        "bank..",
        ".bank",
        " bank",
        "bank%2e",
        "bank\u0000",
        "bank.default.svc.cluster.local.x",
        "xn--bnk-5na",
        ""
      })
  void whatOnlyLooksLikeAHostIsAnother(String host) {
    assertThat(decide(host, "/")).isEqualTo("pass");
  }

  private static String decide(String host, String path) {
    PolicyStore policy = PolicyStore.empty().update(List.of(new SourceFile("m.yaml", CIRCLE)));
    List<Workload> workloads = List.of(workload("bank"), workload("pay"));
    CompiledMesh mesh = MeshCompiler.compile(policy, workloads, "cluster.local", List.of());
    assertThat(policy.diagnostics()).isEmpty();
    Decision decision =
        new Router(mesh.snapshotFor(workload("pay")))
            .decide(new Request(host, path), new SplittableRandom(1));
    return decision instanceof Decision.Forward forward
        ? forward.service().key() + " by " + forward.rule()
        : "pass";
  }

  private record Request(String host, String pathAndQuery) implements Call {
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
      return List.of();
    }
  }

  private static Workload workload(String service) {
    return new Workload(
        service + "-1",
        service,
        "default",
        service,
        "spiffe://cluster.local/ns/default/sa/" + service,
        "10.0.0." + service.length(),
        Map.of(),
        List.of(8080),
        Map.of(),
        true);
  }
}
