package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Documents and workloads, asked as an agent asks them. */
public final class TestMesh {
  private final List<Workload> workloads = new ArrayList<>();
  private final List<SourceFile> files = new ArrayList<>();

  /** Adds a file; its documents must be in force, all of them. */
  public TestMesh documents(String text) {
    files.add(new SourceFile("file-" + files.size() + ".yaml", text));
    return this;
  }

  /** Adds workloads by {@code name} or {@code namespace/name}, ready and listening on 8080. */
  public TestMesh workloads(String... names) {
    for (String name : names) {
      workload(name, Map.of(), true, 8080);
    }
    return this;
  }

  /** Adds a workload. */
  public TestMesh workload(
      String name, Map<String, String> labels, boolean ready, Integer... listening) {
    int slash = name.indexOf('/');
    String namespace = slash < 0 ? "default" : name.substring(0, slash);
    String service = name.substring(slash + 1);
    workloads.add(
        new Workload(
            service + "-" + workloads.size(),
            service,
            namespace,
            service,
            "spiffe://cluster.local/ns/" + namespace + "/sa/" + service,
            "10.0.0." + (workloads.size() + 1),
            labels,
            List.of(listening),
            Map.of(),
            ready));
    return this;
  }

  /** What is wrong with the documents as such. */
  public List<Diagnostic> diagnostics() {
    PolicyStore policy = PolicyStore.empty().update(files);
    List<Diagnostic> all = new ArrayList<>(policy.diagnostics());
    all.addAll(compile(policy).diagnostics());
    return all;
  }

  /** The router of a client in the namespace {@code default}. */
  public Router router() {
    return routerIn("default");
  }

  /** The router of a client in a namespace. */
  public Router routerIn(String namespace) {
    PolicyStore policy = PolicyStore.empty().update(files);
    assertThat(policy.diagnostics())
        .filteredOn(found -> found.severity() == Severity.ERROR)
        .filteredOn(found -> !found.code().equals("WEFT021"))
        .isEmpty();
    return new Router(compile(policy).snapshotFor(client(namespace)));
  }

  private CompiledMesh compile(PolicyStore policy) {
    return MeshCompiler.compile(policy, workloads, "cluster.local", List.of());
  }

  private static Workload client(String namespace) {
    return new Workload(
        "client",
        "client",
        namespace,
        "client",
        "spiffe://cluster.local/ns/" + namespace + "/sa/client",
        "",
        Map.of(),
        List.of(),
        Map.of(),
        true);
  }

  /** An HTTPRoute of Service {@code pay}; {@code year} of its creation may be {@code none}. */
  public static String http(String name, String year, String... rules) {
    String created =
        year.equals("none") ? "" : ", creationTimestamp: \"" + year + "-01-01T00:00:00Z\"";
    return route("HTTPRoute", "", rules).replace("name: r}", "name: " + name + created + "}");
  }

  /** A route {@code r} of Service {@code pay} with a field more in its spec. */
  public static String route(String kind, String field, String... rules) {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: %s
            metadata: {name: r}
            spec:
              parentRefs: [{group: "", kind: Service, name: pay}]
              %s
              rules:
            """
                .formatted(kind, field));
    for (String rule : rules) {
      text.append("  - ").append(rule).append('\n');
    }
    return text.toString();
  }

  /** Dice that fall the same way every time. */
  public static RandomGenerator dice() {
    return new SplittableRandom(42);
  }

  /** A request; headers by name in lower case. */
  public record Request(
      String scheme,
      String host,
      int port,
      String method,
      String pathAndQuery,
      Map<String, String> headers)
      implements Call {

    /** A GET over plain HTTP; {@code host} may carry a port. */
    public static Request get(String host, String pathAndQuery) {
      int colon = host.indexOf(':');
      return new Request(
          "http",
          colon < 0 ? host : host.substring(0, colon),
          colon < 0 ? 80 : Integer.parseInt(host.substring(colon + 1)),
          "GET",
          pathAndQuery,
          Map.of());
    }

    /** The same with a header more. */
    public Request with(String name, String value) {
      Map<String, String> more = new LinkedHashMap<>(headers);
      more.put(name.toLowerCase(Locale.ROOT), value);
      return new Request(scheme, host, port, method, pathAndQuery, more);
    }

    /** The same with another method. */
    public Request method(String other) {
      return new Request(scheme, host, port, other, pathAndQuery, headers);
    }

    @Override
    public List<String> header(String name) {
      String value = headers.get(name.toLowerCase(Locale.ROOT));
      return value == null ? List.of() : List.of(value);
    }
  }
}
