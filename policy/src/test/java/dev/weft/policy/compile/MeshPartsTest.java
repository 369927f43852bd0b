package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import dev.weft.policy.part.HeldParts;
import dev.weft.policy.part.Part;
import dev.weft.policy.part.PartSet;
import dev.weft.policy.part.PartStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

class MeshPartsTest {
  private static final String EVERYTHING =
      """
      apiVersion: weft.dev/v1alpha1
      kind: MeshConfig
      metadata: {name: mesh}
      spec: {discovery: {scope: Mesh}}
      """;

  private final PartStore store = new PartStore();
  private final Workload web = workload("web", 1, "default");
  private final Workload pay = workload("pay", 1, "default");
  private final Workload stock = workload("stock", 1, "shop");
  private final Workload ledger = workload("ledger", 1, "books");
  private final List<Workload> all = List.of(web, pay, stock, ledger);

  @Test
  void partsMakeTheSnapshotThatTheyWereCutFrom() throws Exception {
    CompiledMesh mesh = compile(EVERYTHING, all);
    PartSet parts = mesh.partsFor(web, List.of(), store);

    Snapshot made = everything(parts).snapshot();

    Snapshot whole = mesh.snapshotFor(web);
    assertThat(made.version()).isEqualTo(parts.version());
    assertThat(made.services()).hasSize(4).isEqualTo(whole.services());
    assertThat(made.inbound()).isEqualTo(whole.inbound());
    assertThat(made.workloads()).hasSize(4).isEqualTo(whole.workloads());
    assertThat(made.mesh()).isEqualTo(whole.mesh());
    assertThat(made.trustBundle()).isEqualTo(whole.trustBundle());
    assertThat(made.directory()).isEmpty();
  }

  private static final String SHARED =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: stock, namespace: shop}
      spec: {selector: {app: stock}, ports: [{port: 80, targetPort: 8080}]}
      ---
      apiVersion: weft.dev/v1alpha1
      kind: RateLimitPolicy
      metadata: {name: stock, namespace: shop}
      spec:
        targetRefs: [{kind: Service, name: stock}]
        requests: [{side: %s, requests: 10, scope: %s}]
      """;

  @Test
  void whoSharesALimitIsToldHowManyShareIt() throws Exception {
    Workload twin = workload("stock", 2, "shop");
    List<Workload> more = List.of(web, pay, stock, ledger, twin);
    CompiledMesh mesh = compile(SHARED.formatted("Client", "Mesh"), all);
    CompiledMesh grown = compile(SHARED.formatted("Client", "Mesh"), more);

    assertThat(everything(mesh.partsFor(stock, List.of(), store)).snapshot().instances())
        .contains(1)
        .isEqualTo(mesh.snapshotFor(stock).instances());
    assertThat(everything(grown.partsFor(stock, List.of(), store)).snapshot().instances())
        .contains(2)
        .isEqualTo(grown.snapshotFor(stock).instances());
    assertThat(grown.snapshotFor(stock).version()).isNotEqualTo(mesh.snapshotFor(stock).version());
    // Of a service that it has asked for, too.
    assertThat(mesh.partsFor(web, List.of(), store).own()).hasSize(1);
    assertThat(everything(mesh.partsFor(web, List.of("shop/stock"), store)).snapshot().instances())
        .contains(1);
  }

  @Test
  void whoSharesNoLimitIsNotTold() {
    for (List<String> limit : List.of(List.of("Client", "Local"), List.of("Server", "Mesh"))) {
      CompiledMesh mesh = compile(SHARED.formatted(limit.get(0), limit.get(1)), all);

      assertThat(mesh.partsFor(stock, List.of(), store).own()).hasSize(1);
      assertThat(mesh.snapshotFor(stock).instances()).isEmpty();
    }
  }

  @Test
  void anotherInstanceIsNewsForThoseWhoShareWithItOnly() {
    String documents = EVERYTHING + "---\n" + SHARED.formatted("Client", "Mesh");
    Workload idle = idle("web", 2);
    CompiledMesh before = compile(documents, all);
    CompiledMesh after = compile(documents, List.of(web, pay, stock, ledger, idle));

    for (Workload workload : all) {
      PartSet.Change change =
          after
              .partsFor(workload, List.of(), store)
              .since(before.partsFor(workload, List.of(), store));
      assertThat(change.parts())
          .extracting(Part::key)
          .isEqualTo(workload == web ? List.of("workload/instances") : List.of());
    }
  }

  /** A client that nobody can call: it changes nothing for others but shares. */
  private static Workload idle(String service, int number) {
    return new Workload(
        service + "-" + number,
        service,
        "default",
        service,
        "spiffe://cluster.local/ns/default/sa/" + service,
        "",
        Map.of(),
        List.of(),
        Map.of(),
        true);
  }

  @Test
  void servicesOfOtherNamespacesAreNamesUntilTheyAreAskedFor() throws Exception {
    CompiledMesh mesh = compile("", all);

    Snapshot before = everything(mesh.partsFor(web, List.of(), store)).snapshot();
    Snapshot after = everything(mesh.partsFor(web, List.of("shop/stock"), store)).snapshot();

    assertThat(keys(before)).containsExactly("default/pay", "default/web");
    assertThat(before.directory())
        .extracting(DirectoryEntry::key)
        .containsExactly("books/ledger", "shop/stock");
    assertThat(before.directory().get(1).hosts()).contains("stock.shop").doesNotContain("stock");
    assertThat(keys(after)).containsExactly("default/pay", "default/web", "shop/stock");
    assertThat(after.directory()).extracting(DirectoryEntry::key).containsExactly("books/ledger");
    assertThat(after.workloads()).as("whom to expect where, everywhere").hasSize(4);
  }

  @Test
  void theAnnotationExportToSaysWhoHearsOfAService() throws Exception {
    assertThat(seenFrom(web, "\"*\"")).isEqualTo("at once");
    assertThat(seenFrom(web, "default")).isEqualTo("at once");
    assertThat(seenFrom(web, "books, default")).isEqualTo("at once");
    assertThat(seenFrom(web, "books")).isEqualTo("never");
    assertThat(seenFrom(web, ".")).isEqualTo("never");
    assertThat(seenFrom(stock, ".")).isEqualTo("at once");
    assertThat(seenFrom(stock, "\"~\"")).isEqualTo("never");
  }

  private String seenFrom(Workload client, String exportTo) throws Exception {
    CompiledMesh mesh = compile(service("shop", "stock", exportTo), all);
    Snapshot parts = everything(mesh.partsFor(client, List.of(), store)).snapshot();
    Snapshot asked = everything(mesh.partsFor(client, List.of("shop/stock"), store)).snapshot();
    boolean atOnce = keys(parts).contains("shop/stock");
    boolean named = parts.directory().stream().anyMatch(entry -> entry.key().equals("shop/stock"));
    assertThat(keys(asked).contains("shop/stock")).isEqualTo(atOnce || named);
    assertThat(keys(mesh.snapshotFor(client)).contains("shop/stock")).isEqualTo(atOnce || named);
    return atOnce ? "at once" : named ? "on demand" : "never";
  }

  @Test
  void aBackendComesWithTheServiceWhoseRouteNamesIt() throws Exception {
    String documents =
        service("default", "pay", "")
            + service("shop", "stock", ".")
            + """
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r}
            spec:
              parentRefs: [{group: "", kind: Service, name: pay}]
              rules:
              - backendRefs: [{name: stock, namespace: shop, port: 80}]
            """;

    Snapshot snapshot =
        everything(compile(documents, all).partsFor(web, List.of(), store)).snapshot();

    assertThat(keys(snapshot)).contains("shop/stock");
    assertThat(snapshot.services())
        .filteredOn(service -> service.key().equals("shop/stock"))
        .as("private to its namespace, so without a name here")
        .singleElement()
        .extracting(Service::hosts)
        .isEqualTo(List.of());
  }

  @Test
  void aChangeCarriesWhatChangedAndNothingElse() throws Exception {
    PartSet before = compile("", all).partsFor(web, List.of(), store);
    HeldParts held = everything(before);
    List<Workload> more = new ArrayList<>(all);
    more.remove(ledger);
    more.add(workload("pay", 2, "default"));
    PartSet after = compile("", more).partsFor(web, List.of(), store);

    PartSet.Change change = after.since(before);

    assertThat(change.parts())
        .extracting(Part::key)
        .containsExactly("identity/cluster.local/ns/default/sa/pay", "service/default/pay");
    assertThat(change.removed())
        .containsExactly("directory/books", "identity/cluster.local/ns/books/sa/ledger");
    HeldParts next = held.with(before.version(), after.version(), trees(change), change.removed());
    assertThat(next.snapshot().services().get(0).endpoints()).hasSize(4);
    assertThat(next.snapshot().services().get(1))
        .as("records of unchanged parts stay the same objects")
        .isSameAs(held.snapshot().services().get(1));
  }

  @Test
  void unchangedServicesShareTheirBytesFromOneCompilationToTheNext() {
    Part before = part(compile("", all).partsFor(web, List.of(), store), "service/default/pay");
    Part after = part(compile("# x\n", all).partsFor(web, List.of(), store), "service/default/pay");

    assertThat(after).isSameAs(before);
    store.forgetUnused();
    store.forgetUnused();
    assertThat(part(compile("", all).partsFor(web, List.of(), store), "service/default/pay"))
        .isNotSameAs(before);
  }

  @Test
  void whoTellsOnlyHashesGetsTheRestAndIsToldWhatToDrop() throws Exception {
    PartSet before = compile("", all).partsFor(web, List.of(), store);
    HeldParts held = everything(before);
    PartSet after = compile("", List.of(web, pay, stock)).partsFor(web, List.of(), store);

    Set<String> hashes = HeldParts.parseHashes(held.hashes());
    PartSet.Change change = after.since(hashes);

    assertThat(change.parts()).isEmpty();
    assertThat(change.removed()).hasSize(2).allMatch(key -> key.startsWith("#"));
    assertThat(
            held.with(held.version(), after.version(), trees(change), change.removed()).version())
        .isEqualTo(after.version());
    assertThat(before.since(hashes)).isEqualTo(new PartSet.Change(List.of(), List.of()));
  }

  @Test
  void aChangeThatDoesNotFitChangesNothing() throws Exception {
    PartSet parts = compile("", all).partsFor(web, List.of(), store);
    HeldParts held = everything(parts);

    assertThatThrownBy(() -> held.with("0123456789abcdef", parts.version(), Map.of(), List.of()))
        .isInstanceOf(HeldParts.MismatchException.class)
        .hasMessageContaining("starts from version 0123456789abcdef");
    assertThatThrownBy(
            () -> held.with(held.version(), parts.version(), Map.of(), List.of("workload")))
        .isInstanceOf(HeldParts.MismatchException.class)
        .hasMessageContaining("its parts make");
    assertThatThrownBy(
            () -> held.with("", "x", Map.of("service/default/pay", Map.of("name", 7L)), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("service/default/pay: name");
    assertThat(held.snapshot().services()).hasSize(2);
  }

  @Test
  void partsOfALaterVersionAreKeptAndNotRead() throws Exception {
    PartSet parts = compile("", all).partsFor(web, List.of(), store);
    Part later = store.part("zeta", new DirectoryEntry("a", "b", List.of(), ""));
    List<Part> own = new ArrayList<>(parts.own());
    own.add(later);

    HeldParts held = everything(PartSet.of(parts.shared(), own));

    assertThat(held.snapshot().services()).hasSize(2);
    assertThat(HeldParts.parseHashes(held.hashes())).contains(later.hash());
  }

  private static HeldParts everything(PartSet parts) throws Exception {
    return HeldParts.NONE.with("", parts.version(), trees(parts.since(PartSet.NONE)), List.of());
  }

  /** As they come over the wire. */
  private static Map<String, Object> trees(PartSet.Change change) {
    Map<String, Object> trees = new LinkedHashMap<>();
    for (Part part : change.parts()) {
      // JSON of this form is YAML, too.
      trees.put(part.key(), new Yaml().load(new String(part.body(), StandardCharsets.UTF_8)));
    }
    return trees;
  }

  private static Part part(PartSet parts, String key) {
    return parts.parts().stream().filter(part -> part.key().equals(key)).findFirst().orElseThrow();
  }

  private static List<String> keys(Snapshot snapshot) {
    return snapshot.services().stream().map(Service::key).toList();
  }

  private static String service(String namespace, String name, String exportTo) {
    String annotations =
        exportTo.isEmpty()
            ? ""
            : ", annotations: {networking.istio.io/exportTo: " + quoted(exportTo) + "}";
    return """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: %s, namespace: %s%s}
        spec: {selector: {app: %s}, ports: [{port: 80, targetPort: 8080}]}
        """
        .formatted(name, namespace, annotations, name);
  }

  private static String quoted(String text) {
    return text.startsWith("\"") ? text : "\"" + text + "\"";
  }

  private static CompiledMesh compile(String documents, List<Workload> workloads) {
    PolicyStore policy =
        PolicyStore.empty().update(List.of(new SourceFile("mesh.yaml", documents)));
    return MeshCompiler.compile(policy, workloads, "cluster.local", List.of("ROOT"));
  }

  private static Workload workload(String service, int number, String namespace) {
    return new Workload(
        service + "-" + number,
        service,
        namespace,
        service,
        "spiffe://cluster.local/ns/" + namespace + "/sa/" + service,
        "10.0." + service.length() + "." + number,
        Map.of("version", "v" + number % 2),
        List.of(8080),
        Map.of(),
        true);
  }
}
