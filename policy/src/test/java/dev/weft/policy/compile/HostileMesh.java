package dev.weft.policy.compile;

import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.Router;
import dev.weft.policy.Snapshot;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * Makes a mesh of one of many large sets of documents, and a decision in it. Has a {@code main}, so
 * that {@link HostileSizeTest} can run it in a small heap.
 */
final class HostileMesh {
  private HostileMesh() {}

  /**
   * Prints how many documents are in force, how many problems of each code there are, and what is
   * decided.
   *
   * @param args what, and by how much smaller than at its full size
   */
  public static void main(String[] args) {
    System.out.println(run(args[0], Integer.parseInt(args[1])));
  }

  private static String run(String what, int share) {
    PolicyStore policy = PolicyStore.empty().update(files(what, share));
    CompiledMesh mesh =
        MeshCompiler.compile(
            policy, List.of(workload("pay"), workload("web")), "cluster.local", List.of());
    Snapshot snapshot = mesh.snapshotFor(workload("web"));
    Decision decision = new Router(snapshot).decide(new LongCall(), new SplittableRandom(1));
    Map<String, Integer> problems = new TreeMap<>();
    policy.diagnostics().forEach(one -> problems.merge(one.code(), 1, Integer::sum));
    mesh.diagnostics().forEach(one -> problems.merge(one.code(), 1, Integer::sum));
    return policy.inForce().size() + " in force, problems " + problems + ", " + decision.rule();
  }

  /** What {@code (a+)+$} takes ages to refuse where expressions are tried one way after another. */
  private record LongCall() implements Call {
    private static final String PATH = "/r77/" + "a".repeat(100_000) + "!";

    @Override
    public String host() {
      return "pay";
    }

    @Override
    public int port() {
      return 80;
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String pathAndQuery() {
      return PATH;
    }

    @Override
    public List<String> header(String name) {
      return List.of();
    }
  }

  private static List<SourceFile> files(String what, int share) {
    return switch (what) {
      case "routes" -> List.of(file("a", 50_000 / share, i -> route(i, "value: /r" + i)));
      case "expressions" ->
          List.of(
              file(
                  "a",
                  50_000 / share,
                  i -> route(i, "type: RegularExpression, value: \"/r" + i + "/(a+)+$\"")));
      case "rules" ->
          List.of(
              new SourceFile(
                  "a.yaml",
                  """
                  apiVersion: gateway.networking.k8s.io/v1
                  kind: HTTPRoute
                  metadata: {name: r}
                  spec:
                    parentRefs: [{kind: Service, name: pay}]
                    rules:
                  """
                      + repeat(
                          10_000 / share,
                          i ->
                              "  - {matches: [{path: {value: /r%d}}], backendRefs: [{name: pay, port: 80}]}\n"
                                  .formatted(i))));
      case "documents" -> {
        List<SourceFile> files = new ArrayList<>();
        for (int file = 0; file < 20; file++) {
          int first = file * 5_000 / share;
          files.add(file("f" + file, 5_000 / share, i -> document(first + i)));
        }
        yield files;
      }
      case "policies" ->
          List.of(
              file("a", 10_000 / share, i -> policy("FaultPolicy", i, "abort: {httpStatus: 500}")),
              file(
                  "b",
                  10_000 / share,
                  i -> policy("ResiliencePolicy", i, "timeouts: {request: 1s}")),
              file(
                  "c",
                  10_000 / share,
                  i -> policy("RateLimitPolicy", i, "requests: [{requests: %d}]".formatted(i + 1))),
              file(
                  "d",
                  10_000 / share,
                  i -> policy("TelemetryPolicy", i, "attributes: {a: \"b\"}")));
      case "faults-and-rules" ->
          List.of(
              file("a", 5_000 / share, i -> route(i, "value: /r" + i)),
              file(
                  "b",
                  1_000 / share,
                  i ->
                      policy(
                          "FaultPolicy",
                          i,
                          "abort: {httpStatus: 500}, matches: [{headers: [{name: x, value: \"%d\"}]}]"
                              .formatted(i))));
      default -> throw new IllegalArgumentException(what);
    };
  }

  private static String document(int i) {
    return switch (i % 4) {
      case 0 -> route(i, "value: /r" + i);
      case 1 ->
          """
          apiVersion: v1
          kind: Service
          metadata: {name: s%d}
          spec: {selector: {app: pay}, ports: [{port: 80, targetPort: 8080}]}
          ---
          """
              .formatted(i);
      case 2 ->
          """
          apiVersion: security.istio.io/v1
          kind: AuthorizationPolicy
          metadata: {name: a%d}
          spec: {rules: [{to: [{operation: {paths: [/a%d]}}]}]}
          ---
          """
              .formatted(i, i);
      default ->
          """
          apiVersion: networking.istio.io/v1
          kind: DestinationRule
          metadata: {name: d%d}
          spec: {host: s%d, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}}
          ---
          """
              .formatted(i, i - 2);
    };
  }

  private static String route(int i, String path) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: r%d}
        spec: {parentRefs: [{kind: Service, name: pay}], rules: [{matches: [{path: {%s}}], backendRefs: [{name: pay, port: 80}]}]}
        ---
        """
        .formatted(i, path);
  }

  private static String policy(String kind, int i, String spec) {
    return """
        apiVersion: weft.dev/v1alpha1
        kind: %s
        metadata: {name: p%d}
        spec: {targetRefs: [{kind: Service, name: pay}], %s}
        ---
        """
        .formatted(kind, i, spec);
  }

  private static SourceFile file(String name, int count, IntFunction<String> document) {
    return new SourceFile(name + ".yaml", repeat(count, document));
  }

  private static String repeat(int count, IntFunction<String> text) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < count; i++) {
      all.append(text.apply(i));
    }
    return all.toString();
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
