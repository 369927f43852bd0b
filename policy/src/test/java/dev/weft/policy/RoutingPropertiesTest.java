package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every set of routes; the seeds are fixed, so a failure can be repeated. */
class RoutingPropertiesTest {
  private static final List<String> SEGMENTS =
      List.of("a", "b", "A", "ab", "", "a.b", "%61", "..", "a;b");

  @Test
  void theIndexOfPathsFindsWhatAskingEveryMatchFinds() {
    Random random = new Random(20_261_129);
    int found = 0;
    for (int set = 0; set < 10_000; set++) {
      List<RouteMatch> matches = new ArrayList<>();
      List<RequestMatcher> matchers = new ArrayList<>();
      for (int i = random.nextInt(12); i >= 0; i--) {
        RouteMatch match = match(random);
        matches.add(match);
        matchers.add(new RequestMatcher(match));
      }
      PathIndex index = PathIndex.of(matches);
      for (int request = 0; request < 10; request++) {
        String path = random.nextInt(20) == 0 ? "*" : path(random);
        String target = path + (random.nextBoolean() ? "?q=/a/b" : "");
        Call call =
            new TestMesh.Request(
                "http", "pay", 80, random.nextBoolean() ? "GET" : "PUT", target, Map.of());
        String normal = call.normalTarget();
        int end = normal.indexOf('?') < 0 ? normal.length() : normal.indexOf('?');
        int expected = -1;
        for (int i = matchers.size() - 1; i >= 0; i--) {
          expected = matchers.get(i).matches(call, normal, end) ? i : expected;
        }
        found += expected >= 0 ? 1 : 0;

        assertThat(
                index.first(
                    call,
                    normal,
                    end,
                    (match, asked, inForm, to) -> matchers.get(match).matches(asked, inForm, to)))
            .as("%s among %s", target, matches)
            .isEqualTo(expected);
      }
    }
    // Else the test would say nothing.
    assertThat(found).isBetween(20_000, 95_000);
  }

  @Test
  void theOrderOfFilesAndOfDocumentsInThemMeansNothing() {
    Random random = new Random(4);
    for (int set = 0; set < 60; set++) {
      List<String> documents = documents(random);
      Snapshot first =
          snapshot(List.of(new SourceFile("all.yaml", String.join("---\n", documents))));
      assertThat(first.services()).anyMatch(service -> !service.routes().isEmpty());
      for (int permutation = 0; permutation < 4; permutation++) {
        Collections.shuffle(documents, random);
        List<SourceFile> files = new ArrayList<>();
        int from = 0;
        while (from < documents.size()) {
          int to = Math.min(documents.size(), from + 1 + random.nextInt(4));
          files.add(
              new SourceFile(
                  random.nextInt(1000) + "-" + from + ".yaml",
                  String.join("---\n", documents.subList(from, to))));
          from = to;
        }
        Collections.shuffle(files, random);

        assertThat(snapshot(files)).isEqualTo(first);
      }
    }
  }

  private static RouteMatch match(Random random) {
    PathKind kind = PathKind.values()[random.nextInt(PathKind.values().length)];
    String path = kind == PathKind.REGEX ? "/a.*|/[ab]/.+" : path(random);
    boolean any = random.nextInt(10) == 0;
    Optional<String> method = random.nextInt(4) == 0 ? Optional.of("GET") : Optional.empty();
    return new RouteMatch(
        any
            ? Optional.empty()
            : Optional.of(new PathMatch(kind, path, Optional.of(random.nextInt(5) == 0))),
        method,
        List.of(),
        List.of());
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      path.append('/').append(SEGMENTS.get(random.nextInt(SEGMENTS.size())));
    }
    return path.toString();
  }

  private static List<String> documents(Random random) {
    List<String> documents = new ArrayList<>();
    for (int i = 4 + random.nextInt(8); i >= 0; i--) {
      String kind = random.nextInt(6) == 0 ? "GRPCRoute" : "HTTPRoute";
      String age =
          random.nextBoolean()
              ? ""
              : ", creationTimestamp: \"202" + random.nextInt(3) + "-01-01T00:00:00Z\"";
      String parent = random.nextBoolean() ? "pay" : "orders";
      String port = random.nextInt(3) == 0 ? ", port: 80" : "";
      StringBuilder text = new StringBuilder();
      text.append("apiVersion: gateway.networking.k8s.io/v1\nkind: ").append(kind);
      text.append("\nmetadata: {name: r").append(i).append(", namespace: ");
      text.append(random.nextInt(4) == 0 ? "shop" : "default").append(age).append("}\nspec:\n");
      text.append("  parentRefs: [{group: \"\", kind: Service, name: ").append(parent);
      text.append(", namespace: default").append(port).append("}]\n  rules:\n");
      for (int rule = random.nextInt(3); rule >= 0; rule--) {
        String matches =
            kind.equals("GRPCRoute")
                ? "{method: {service: s" + random.nextInt(3) + "}}"
                : "{path: {value: /p" + random.nextInt(3) + "}}, {path: {type: Exact, value: /q}}";
        text.append("  - matches: [").append(matches).append("]\n    backendRefs: [{name: ");
        text.append(random.nextBoolean() ? "pay" : "gone").append(", port: 80}]\n");
      }
      documents.add(text.toString());
    }
    return documents;
  }

  private static Snapshot snapshot(List<SourceFile> files) {
    PolicyStore policy = PolicyStore.empty().update(files);
    assertThat(policy.diagnostics()).allMatch(found -> !found.code().equals("WEFT001"));
    return MeshCompiler.compile(
            policy, List.of(workload("pay"), workload("orders")), "cluster.local", List.of())
        .snapshotFor(workload("pay"));
  }

  private static Workload workload(String service) {
    return new Workload(
        service + "-1",
        service,
        "default",
        service,
        "spiffe://cluster.local/ns/default/sa/" + service,
        "10.0.0.1",
        Map.of(),
        List.of(8080),
        Map.of(),
        true);
  }
}
