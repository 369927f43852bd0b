package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Service;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import dev.weft.policy.part.PartStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Workloads come, go, and change together with the documents that speak of them: what grew is what
 * a compilation from nothing gives.
 */
class IncrementalWorkloadsTest {
  private static final List<String> ROOTS = List.of("ROOT");
  private static final List<String> NAMESPACES = List.of("a", "b");
  private static final List<String> NAMES = List.of("pay", "web", "Orders", "no_name");

  private final Map<String, String> files = new TreeMap<>();
  private final List<Workload> workloads = new ArrayList<>();
  private PolicyStore store = PolicyStore.empty();
  private int kept;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nextIsWhatACompilationFromNothingGives(long seed) {
    Random dice = new Random(seed);
    for (int i = 0; i < 20; i++) {
      workloads.add(workload(dice));
    }
    PartStore parts = new PartStore();
    CompiledMesh mesh = compiled();
    for (int change = 0; change < 200; change++) {
      String what = change(dice);
      update();
      CompiledMesh before = mesh;
      mesh = mesh.next(store, List.copyOf(workloads), ROOTS);
      CompiledMesh anew = compiled();
      assertThat(mesh.diagnostics()).as("%d: %s", change, what).isEqualTo(anew.diagnostics());
      for (String namespace : List.of("a", "b", "c")) {
        Workload client = workload("client", "client", namespace, Map.of(), List.of());
        assertThat(mesh.snapshotFor(client))
            .as("%d: %s, seen from %s", change, what, namespace)
            .isEqualTo(anew.snapshotFor(client));
        assertThat(mesh.partsFor(client, List.of("a/pay", "b/web"), parts).version())
            .as("%d: %s, parts for %s", change, what, namespace)
            .isEqualTo(anew.partsFor(client, List.of("a/pay", "b/web"), new PartStore()).version());
      }
      parts.forgetUnused();
      kept += kept(before, mesh);
    }
    // Else there would be nothing incremental to test.
    assertThat(kept).as("lists of endpoints that were not made again").isGreaterThan(200);
  }

  private static int kept(CompiledMesh before, CompiledMesh now) {
    int kept = 0;
    for (Service service : now.servicesFor("a")) {
      for (Service old : before.servicesFor("a")) {
        kept += !service.endpoints().isEmpty() && old.endpoints() == service.endpoints() ? 1 : 0;
      }
    }
    return kept;
  }

  private String change(Random dice) {
    int what = dice.nextInt(15);
    String namespace = one(NAMESPACES, dice);
    String name = one(List.of("pay", "web", "orders"), dice);
    String file = namespace + "-" + name;
    int at = workloads.isEmpty() ? 0 : dice.nextInt(workloads.size());
    switch (what) {
      case 0 -> files.remove(file);
      case 1 -> files.put(file, service(name, namespace, "{app: " + name + "}", dice));
      case 2 -> files.put(file, service(name, namespace, "{tier: back, version: v1}", dice));
      case 3 ->
          files.put(file, service(name, namespace, "{version: v" + dice.nextInt(2) + "}", dice));
      case 4 -> toggle("mtls-" + namespace, peerAuthentication(namespace, dice), dice);
      case 5 -> toggle("mtls", peerAuthentication("istio-system", dice), dice);
      case 6 -> toggle("entry-" + file, workloadEntry(name, namespace, dice), dice);
      case 7 -> toggle("service-entry", serviceEntry(namespace, dice), dice);
      case 8 -> Collections.shuffle(workloads, dice);
      case 9 -> workloads.replaceAll(one -> dice.nextInt(3) > 0 ? one : copy(one));
      case 10 -> workloads.removeIf(one -> dice.nextInt(3) == 0);
      case 11 -> {
        for (int i = 0; i < 8; i++) {
          workloads.add(dice.nextInt(workloads.size() + 1), workload(dice));
        }
      }
      case 12 -> toggle("access", authorizationPolicy(namespace, dice), dice);
      case 13 -> toggle("identity", workloadIdentity(namespace, dice), dice);
      default -> {
        if (workloads.size() > 10) {
          workloads.remove(at);
        }
        Workload come = workload(dice);
        // Now and then there are two of one name.
        if (dice.nextInt(10) > 0) {
          workloads.removeIf(one -> one.id().equals(come.id()));
        }
        workloads.add(Math.min(at, workloads.size()), come);
      }
    }
    return what + " " + file;
  }

  private void toggle(String file, String text, Random dice) {
    if (dice.nextInt(3) == 0) {
      files.remove(file);
    } else {
      files.put(file, text);
    }
  }

  private void update() {
    List<SourceFile> sources = new ArrayList<>();
    files.forEach((name, text) -> sources.add(new SourceFile(name + ".yaml", text)));
    store = store.update(sources);
  }

  private CompiledMesh compiled() {
    return MeshCompiler.compile(store, List.copyOf(workloads), "cluster.local", ROOTS);
  }

  private static <T> T one(List<T> some, Random dice) {
    return some.get(dice.nextInt(some.size()));
  }

  private static String service(String name, String namespace, String selector, Random dice) {
    return """
        apiVersion: v1
        kind: Service
        metadata: {name: %s, namespace: %s}
        spec:
          selector: %s
          ports:
          - {name: http, port: 80, targetPort: %s}
          - {name: admin, port: 81, targetPort: 9090}
        """
        .formatted(name, namespace, selector, one(List.of("8080", "9090", "web", "7"), dice));
  }

  private static String peerAuthentication(String namespace, Random dice) {
    return """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: mtls, namespace: %s}
        spec: {mtls: {mode: %s}}
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: some, namespace: %s}
        spec:
          selector: {matchLabels: {version: v%d}}
          portLevelMtls: {%d: {mode: DISABLE}}
        """
        .formatted(
            namespace,
            one(List.of("STRICT", "DISABLE", "PERMISSIVE"), dice),
            namespace,
            dice.nextInt(2),
            one(List.of(8080, 9090), dice));
  }

  private static String authorizationPolicy(String namespace, Random dice) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: access, namespace: %s}
        spec:
          action: %s
          rules:
          - from: [{source: {principals: [old.test/ns/b/sa/web, cluster.local/ns/a/sa/pay]}}]
        """
        .formatted(namespace, one(List.of("ALLOW", "DENY"), dice));
  }

  private static String workloadIdentity(String namespace, Random dice) {
    return """
        apiVersion: weft.dev/v1alpha1
        kind: WorkloadIdentity
        metadata: {name: moved, namespace: %s}
        spec:
          serviceAccount: %s
          trustDomains: [old.test]
        """
        .formatted(namespace, one(List.of("web", "pay"), dice));
  }

  private static String workloadEntry(String name, String namespace, Random dice) {
    return """
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: %s-entry, namespace: %s}
        spec: {address: %s, labels: {app: %s, version: v1}}
        """
        .formatted(name, namespace, address(dice.nextInt(30)), name);
  }

  private static String serviceEntry(String namespace, Random dice) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: outside, namespace: %s}
        spec:
          hosts: [outside.test]
          resolution: STATIC
          location: MESH_INTERNAL
          ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
          endpoints: [{address: %s}, {address: 10.9.9.9}]
        """
        .formatted(namespace, address(dice.nextInt(30)));
  }

  private static String address(int number) {
    return "10.0.0." + (1 + number);
  }

  private static Workload workload(Random dice) {
    String service = one(NAMES, dice);
    int number = dice.nextInt(30);
    Map<String, String> labels =
        one(
            List.of(
                Map.of(),
                Map.of("version", "v" + dice.nextInt(2)),
                Map.of("tier", "back", "version", "v1"),
                Map.of("app", "web")),
            dice);
    List<Integer> listening =
        one(List.of(List.of(8080), List.of(8080, 9090), List.of(9090), List.of()), dice);
    return workload(service + "-" + number, service, one(NAMESPACES, dice), labels, listening);
  }

  private static Workload workload(
      String id,
      String service,
      String namespace,
      Map<String, String> labels,
      List<Integer> listening) {
    // Some have no address yet; some identities are of workloads of two namespaces.
    int number = Math.floorMod(id.hashCode(), 31);
    String account = number % 5 == 0 ? "a" : namespace;
    return new Workload(
        id,
        service,
        namespace,
        service,
        "spiffe://cluster.local/ns/" + account + "/sa/" + service,
        number == 30 ? "" : address(number),
        labels,
        listening,
        listening.contains(9090) ? Map.of("web", 9090) : Map.of(),
        number % 3 > 0);
  }

  private static Workload copy(Workload one) {
    return new Workload(
        one.id(),
        one.service(),
        one.namespace(),
        one.serviceAccount(),
        one.spiffeId(),
        one.address(),
        Map.copyOf(one.labels()),
        List.copyOf(one.listening()),
        one.ports(),
        one.ready());
  }
}
