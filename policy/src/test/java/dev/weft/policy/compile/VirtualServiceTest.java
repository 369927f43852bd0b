package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Decision;
import dev.weft.policy.Decision.Forward;
import dev.weft.policy.Decision.Redirect;
import dev.weft.policy.Decision.Reject;
import dev.weft.policy.Router;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VirtualServiceTest {
  private static final String SUBSETS =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: pay}
      spec:
        host: pay
        subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
      """;

  @Test
  void theFirstRuleThatMatchesDecidesHoweverBroadItIs() {
    Router router =
        router(
            """
            - match: [{uri: {prefix: /}}]
              route: [{destination: {host: pay, subset: v1}}]
            - match: [{uri: {exact: /exact}}]
              route: [{destination: {host: pay, subset: v2}}]
            """);

    assertThat(version(get(router, "/exact"))).isEqualTo("v1");
  }

  @ParameterizedTest
  @CsvSource({"/v2, true", "/v2/x, true", "/v2x, true", "/v1, false"})
  void aPrefixIsOneOfTheText(String path, boolean matches) {
    Router router =
        router("- match: [{uri: {prefix: /v2}}]\n  route: [{destination: {host: pay}}]\n");

    assertThat(get(router, path) instanceof Forward).isEqualTo(matches);
  }

  @Test
  void whatNoRuleMatchesIsNotFound() {
    Router router =
        router("- match: [{uri: {exact: /a}}]\n  route: [{destination: {host: pay}}]\n");

    assertThat(get(router, "/b"))
        .isInstanceOfSatisfying(Reject.class, no -> assertThat(no.status()).isEqualTo(404));
    assertThat(get(router, "/a")).isInstanceOf(Forward.class);
  }

  @Test
  void rulesForOtherWorkloadsAreNoRules() {
    String rules =
        "- match: [{sourceLabels: {app: %s}}]\n  route: [{destination: {host: pay, subset: v1}}]\n";

    assertThat(version(get(router(rules.formatted("web")), "/"))).isEqualTo("v1");
    assertThat(version(get(router(rules.formatted("cart")), "/"))).isEqualTo("v1,v2");
  }

  @Test
  void rulesForOtherPortsAreNoRules() {
    String rules = "- match: [{port: %d}]\n  route: [{destination: {host: pay, subset: v1}}]\n";

    assertThat(version(get(router(rules.formatted(80)), "/"))).isEqualTo("v1");
    assertThat(version(get(router(rules.formatted(8080)), "/"))).isEqualTo("v1,v2");
  }

  @Test
  void aSubsetThatNobodyDefinesIsAnError() {
    assertThat(get(router("- route: [{destination: {host: pay, subset: v3}}]\n"), "/"))
        .isInstanceOfSatisfying(
            Reject.class,
            no -> {
              assertThat(no.status()).isEqualTo(500);
              assertThat(no.reason()).contains("v3");
            });
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "'{uri: /new}', http://pay/new?q=1",
    "'{authority: new.example.com}', http://new.example.com/old?q=1",
    "'{scheme: https}', https://pay/old?q=1",
    "'{port: 8443}', http://pay:8443/old?q=1",
    "'{authority: a.example.com, uri: /b, scheme: https}', https://a.example.com/b?q=1"
  })
  void redirectsLeadWhereTheySay(String redirect, String location) {
    assertThat(get(router("- redirect: " + redirect + "\n"), "/old?q=1"))
        .isEqualTo(new Redirect("VirtualService default/pay rule 0", 301, location));
  }

  @ParameterizedTest(name = "{0} at {1}")
  @CsvSource({
    "'{authority: new}', 8080, http://new/x",
    "'{authority: new, derivePort: FROM_REQUEST_PORT}', 8080, http://new:8080/x",
    "'{uri: /y}', 8080, http://pay:8080/y",
    "'{uri: /y, derivePort: FROM_PROTOCOL_DEFAULT}', 8080, http://pay/y"
  })
  void thePortOfARedirectIsDerived(String redirect, int port, String location) {
    Router router = router("- redirect: " + redirect + "\n");
    Decision decision = router.decide(Samples.call("GET", "pay", port, "/x"), dice());

    assertThat(decision)
        .isInstanceOfSatisfying(
            Redirect.class, found -> assertThat(found.location()).isEqualTo(location));
  }

  @Test
  void aRuleOfAnotherNamespaceBindsItsOwnClientsOnly() {
    String document =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: pay, namespace: shop}
        spec:
          hosts: [pay.default.svc.cluster.local]
          http: [{directResponse: {status: 418}}]
        """;
    CompiledMesh mesh = compile(document);

    assertThat(get(new Router(mesh.snapshotFor(workload("cart", "shop", ""))), "pay.default"))
        .isInstanceOf(Decision.Answer.class);
    assertThat(get(new Router(mesh.snapshotFor(workload("web", "default", ""))), "pay.default"))
        .isInstanceOf(Forward.class);
  }

  @Test
  void aRouteIsBoundAgainWhenItsSubsetsOrDelegatesChange() {
    String route =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: pay}
        spec:
          hosts: [pay]
          http:
          - match: [{uri: {prefix: /team}}]
            delegate: {name: team}
          - route: [{destination: {host: pay, subset: %s}}]
        """;
    String team =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: team}
        spec: {http: [{directResponse: {status: %d}}]}
        """;
    List<List<String>> steps =
        List.of(
            List.of(route.formatted("v1")),
            List.of(route.formatted("v1"), SUBSETS),
            List.of(route.formatted("v1"), SUBSETS, team.formatted(418)),
            List.of(route.formatted("v1"), SUBSETS, team.formatted(200)),
            List.of(route.formatted("v1"), team.formatted(200)));
    PolicyStore policy = PolicyStore.empty();
    CompiledMesh mesh = MeshCompiler.compile(policy, workloads(), "cluster.local", List.of());
    for (List<String> step : steps) {
      policy = policy.update(files(step));
      mesh = mesh.next(policy, workloads(), List.of());
      CompiledMesh anew = MeshCompiler.compile(policy, workloads(), "cluster.local", List.of());

      assertThat(mesh.snapshotFor(workloads().get(0)))
          .isEqualTo(anew.snapshotFor(workloads().get(0)));
      assertThat(mesh.diagnostics()).isEqualTo(anew.diagnostics());
    }
  }

  private static List<SourceFile> files(List<String> documents) {
    List<SourceFile> files = new ArrayList<>();
    for (String document : documents) {
      files.add(new SourceFile("file-" + files.size() + ".yaml", document));
    }
    return files;
  }

  private static Router router(String http) {
    String document =
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: pay}
        spec:
          hosts: [pay]
          http:
        """
            + http.indent(2)
            + SUBSETS;
    return new Router(compile(document).snapshotFor(workloads().get(0)));
  }

  private static CompiledMesh compile(String documents) {
    PolicyStore policy =
        PolicyStore.empty().update(List.of(new SourceFile("mesh.yaml", documents)));
    assertThat(policy.diagnostics()).noneMatch(found -> found.code().equals("WEFT007"));
    return MeshCompiler.compile(policy, workloads(), "cluster.local", List.of());
  }

  private static List<Workload> workloads() {
    return List.of(
        workload("web", "default", ""),
        workload("pay", "default", "v1"),
        workload("pay", "default", "v2"),
        workload("cart", "shop", ""));
  }

  private static Workload workload(String service, String namespace, String version) {
    return new Workload(
        service + "-" + version,
        service,
        namespace,
        service,
        "spiffe://cluster.local/ns/" + namespace + "/sa/" + service,
        "10.0.0." + (1 + (service + version).length()),
        version.isEmpty() ? Map.of() : Map.of("version", version),
        service.equals("pay") ? List.of(8080) : List.of(),
        Map.of(),
        true);
  }

  private static Decision get(Router router, String pathOrHost) {
    return pathOrHost.startsWith("/")
        ? router.decide(Samples.call("GET", "pay", 80, pathOrHost), dice())
        : router.decide(Samples.call("GET", pathOrHost, 80, "/"), dice());
  }

  private static String version(Decision decision) {
    assertThat(decision).isInstanceOf(Forward.class);
    return String.join(
        ",",
        ((Forward) decision)
            .endpoints().stream()
                .map(endpoint -> endpoint.labels().getOrDefault("version", ""))
                .sorted()
                .toList());
  }

  private static SplittableRandom dice() {
    return new SplittableRandom(42);
  }
}
