package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CompiledMeshTest {
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: strict}
      spec: {mtls: {mode: STRICT}}
      """;

  private final Workload web = workload("web", 1, "default");
  private final Workload pay = workload("pay", 1, "default");

  @Test
  void equalContentHasTheSameVersionWhateverTheOrder() {
    List<Workload> workloads = new ArrayList<>(List.of(web, pay));
    for (int i = 2; i < 20; i++) {
      workloads.add(workload("pay", i, "default"));
    }
    Snapshot first = compile(STRICT, workloads).snapshotFor(web);
    Collections.shuffle(workloads, new Random(3));
    Snapshot second = compile(STRICT + "# a comment\n", workloads).snapshotFor(web);

    assertThat(second).isEqualTo(first);
    assertThat(second.version()).matches("[0-9a-f]{16}");
  }

  @Test
  void everyChangeThatCountsChangesTheVersion() {
    Set<String> versions = new HashSet<>();
    versions.add(compile("", List.of(web, pay)).snapshotFor(web).version());
    versions.add(compile(STRICT, List.of(web, pay)).snapshotFor(web).version());
    versions.add(compile("", List.of(web)).snapshotFor(web).version());
    versions.add(
        MeshCompiler.compile(PolicyStore.empty(), List.of(web, pay), "a.test", List.of())
            .snapshotFor(web)
            .version());
    versions.add(
        MeshCompiler.compile(PolicyStore.empty(), List.of(web, pay), "cluster.local", List.of("R"))
            .snapshotFor(web)
            .version());

    assertThat(versions).hasSize(5);
  }

  @Test
  void aWorkloadThatIsNotRegisteredYetHasASnapshotToo() {
    Snapshot snapshot = compile(STRICT, List.of(pay)).snapshotFor(web);

    assertThat(snapshot.inbound().mtls().rule()).isEqualTo("PeerAuthentication default/strict");
    assertThat(snapshot.services()).extracting(Service::name).containsExactly("pay");
  }

  @Test
  void onlyTheOwnNamespaceIsCalledByShortNames() {
    CompiledMesh mesh = compile("", List.of(pay, workload("web", 1, "shop")));

    assertThat(mesh.snapshotFor(pay).services().get(0).hosts()).contains("pay");
    assertThat(mesh.snapshotFor(workload("web", 1, "shop")).services().get(0).hosts())
        .doesNotContain("pay")
        .contains("pay.default");
  }

  @Test
  void virtualAddressesAreUniqueStableAndReserved() {
    Set<String> keys = new TreeSet<>();
    for (int i = 0; i < 20_000; i++) {
      keys.add("default/service-" + i);
    }
    Map<String, String> addresses = VirtualAddresses.of(keys);

    assertThat(new HashSet<>(addresses.values())).hasSize(20_000);
    assertThat(addresses.values())
        .allMatch(address -> Integer.parseInt(address.split("\\.")[0]) >= 240)
        .doesNotContain("240.0.0.0", "255.255.255.255");
    assertThat(VirtualAddresses.of(List.of("default/pay")))
        .containsEntry("default/pay", "242.26.231.104");
  }

  @Test
  void lintReportsWhatDocumentsAloneCanTell() {
    String route =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: r}
        spec:
          parentRefs: [{kind: Service, name: pay}]
          rules: [{backendRefs: [{name: gone, port: 80}], retri: {}}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: s}
        spec:
          parentRefs: [{kind: Service, name: pay}]
          rules: [{backendRefs: [{name: gone, port: 80}]}]
        """;
    String service =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: pay}
        spec: {selector: {app: pay}, ports: [{port: 80, targetPort: 8080}]}
        """;

    assertThat(
            Lint.lint(List.of(new SourceFile("b.yaml", route), new SourceFile("a.yaml", service))))
        .extracting(Object::toString)
        .containsExactly(
            "b.yaml:6:51 WEFT007 spec.rules[0]: unknown field \"retri\"; did you mean \"retry\"?",
            "b.yaml:13:26 WEFT031 Service default/gone does not exist; its requests get 500");
    assertThat(Lint.lint(List.of(new SourceFile("a.yaml", service)))).isEmpty();
  }

  @Test
  void clientsAreToldWhereTheMeshStaysOut() {
    String disabled = STRICT.replace("STRICT", "DISABLE");
    String onePort =
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: one-port}
        spec:
          selector: {matchLabels: {app: pay}}
          portLevelMtls: {8080: {mode: DISABLE}}
        """;

    assertThat(identitiesOfPay(STRICT)).containsExactly(pay.spiffeId(), pay.spiffeId());
    assertThat(identitiesOfPay(disabled)).containsExactly("", "");
    assertThat(identitiesOfPay(onePort)).containsExactly("", "");
    assertThat(identitiesOfPay(onePort.replace("8080", "9090")))
        .containsExactly(pay.spiffeId(), pay.spiffeId());
  }

  /** By service port: 80, which is implied, and 8080. */
  private List<String> identitiesOfPay(String documents) {
    return compile(documents, List.of(web, pay)).snapshotFor(web).services().stream()
        .filter(service -> service.name().equals("pay"))
        .flatMap(service -> service.endpoints().stream())
        .map(dev.weft.policy.Endpoint::spiffeId)
        .toList();
  }

  private static CompiledMesh compile(String documents, List<Workload> workloads) {
    PolicyStore policy =
        PolicyStore.empty().update(List.of(new SourceFile("mesh.yaml", documents)));
    return MeshCompiler.compile(policy, workloads, "cluster.local", List.of());
  }

  private static Workload workload(String service, int number, String namespace) {
    return new Workload(
        service + "-" + number,
        service,
        namespace,
        service,
        "spiffe://cluster.local/ns/" + namespace + "/sa/" + service,
        "10.0.1." + number,
        Map.of("version", "v" + number % 2),
        service.equals("web") ? List.of() : List.of(8080),
        Map.of(),
        true);
  }
}
