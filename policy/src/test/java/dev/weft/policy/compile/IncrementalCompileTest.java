package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Route;
import dev.weft.policy.Service;
import dev.weft.policy.WeightedBackend;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A mesh that grew out of another is the mesh that its documents make. */
class IncrementalCompileTest {
  private static final List<String> ROOTS = List.of("ROOT");

  private final Map<String, String> files = new TreeMap<>();
  private final List<Workload> workloads = new ArrayList<>();
  private PolicyStore store = PolicyStore.empty();

  @Test
  void nextIsWhatACompilationFromNothingGives() {
    Random dice = new Random(42);
    CompiledMesh mesh = compiled();
    for (int change = 0; change < 300; change++) {
      change(dice);
      update();
      mesh = mesh.next(store, workloads, ROOTS);
      CompiledMesh anew = compiled();
      assertThat(mesh.diagnostics()).as("change %d", change).isEqualTo(anew.diagnostics());
      for (String namespace : List.of("a", "b", "c")) {
        Workload client = workload("client", namespace, 9999);
        assertThat(mesh.snapshotFor(client))
            .as("change %d, clients of %s", change, namespace)
            .isEqualTo(anew.snapshotFor(client));
      }
    }
  }

  @Test
  void routesOfServicesThatDidNotChangeStayTheSameObjects() {
    files.put("pay.yaml", service("pay", "a", 80) + route("pay", "a", "a", "pay", 10));
    files.put("web.yaml", service("web", "a", 80) + route("web", "a", "a", "web", 10));
    update();
    CompiledMesh first = compiled();

    files.put("web.yaml", service("web", "a", 80) + route("web", "a", "a", "web", 20));
    update();
    CompiledMesh second = first.next(store, workloads, ROOTS);

    assertThat(routes(second, "pay")).isSameAs(routes(first, "pay"));
    assertThat(routes(second, "web")).isNotEqualTo(routes(first, "web"));
  }

  @Test
  void aBackendThatComesBackIsFoundAgain() {
    files.put("web.yaml", service("web", "a", 80) + route("web", "a", "a", "pay", 10));
    update();
    CompiledMesh without = compiled();
    assertThat(backend(without).invalid()).contains("does not exist");

    files.put("pay.yaml", service("pay", "a", 80));
    update();
    CompiledMesh with = without.next(store, workloads, ROOTS);
    assertThat(backend(with).invalid()).isEmpty();

    files.put("pay.yaml", service("pay", "a", 81));
    update();
    assertThat(backend(with.next(store, workloads, ROOTS)).invalid()).contains("no port 80");
  }

  private WeightedBackend backend(CompiledMesh mesh) {
    return routes(mesh, "web").get(0).rules().get(0).backends().get(0);
  }

  private List<Route> routes(CompiledMesh mesh, String service) {
    return mesh.snapshotFor(workload("client", "a", 1)).services().stream()
        .filter(one -> one.name().equals(service))
        .map(Service::routes)
        .findFirst()
        .orElseThrow();
  }

  private void change(Random dice) {
    String namespace = List.of("a", "b").get(dice.nextInt(2));
    String name = List.of("pay", "web", "orders").get(dice.nextInt(3));
    String other = List.of("pay", "web", "orders", "gone").get(dice.nextInt(4));
    String file = namespace + "-" + name + ".yaml";
    switch (dice.nextInt(6)) {
      case 0 -> files.remove(file);
      case 1 -> files.put(file, service(name, namespace, 80 + dice.nextInt(2)));
      case 2, 3 ->
          files.put(
              file,
              service(name, namespace, 80)
                  + route(name, namespace, namespace, other, dice.nextInt(9)));
      case 4 ->
          files.put(
              "consumer-" + file, route(name + "-c", "b", namespace, name, 1 + dice.nextInt(9)));
      default -> {
        if (workloads.size() > 5) {
          workloads.remove(dice.nextInt(workloads.size()));
        }
        workloads.add(workload(name, namespace, dice.nextInt(1000)));
      }
    }
  }

  private void update() {
    List<SourceFile> sources = new ArrayList<>();
    files.forEach((name, text) -> sources.add(new SourceFile(name, text)));
    store = store.update(sources);
  }

  private CompiledMesh compiled() {
    return MeshCompiler.compile(store, workloads, "cluster.local", ROOTS);
  }

  private static String service(String name, String namespace, int port) {
    return """
        apiVersion: v1
        kind: Service
        metadata: {name: %s, namespace: %s}
        spec: {selector: {app: %s}, ports: [{port: %d, targetPort: 8080}]}
        ---
        """
        .formatted(name, namespace, name, port);
  }

  private static String route(
      String name, String namespace, String parentNamespace, String backend, int weight) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %s, namespace: %s}
        spec:
          parentRefs: [{group: "", kind: Service, name: %s, namespace: %s}]
          rules:
          - backendRefs: [{name: %s, namespace: %s, port: 80, weight: %d}]
        """
        .formatted(
            name,
            namespace,
            name.replace("-c", ""),
            parentNamespace,
            backend,
            parentNamespace,
            weight);
  }

  private static Workload workload(String service, String namespace, int number) {
    return new Workload(
        service + "-" + number,
        service,
        namespace,
        service,
        "spiffe://cluster.local/ns/" + namespace + "/sa/" + service,
        "10.0." + number / 250 + "." + (number % 250 + 1),
        Map.of(),
        List.of(8080),
        Map.of(),
        true);
  }
}
