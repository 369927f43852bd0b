package dev.weft.server.api;

import dev.weft.policy.compile.Workload;
import dev.weft.policy.tree.Trees;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.distribution.MeshState;
import dev.weft.server.explain.Explanation;
import dev.weft.server.explain.Question;
import dev.weft.server.http.Answer;
import dev.weft.server.http.Caller;
import dev.weft.server.http.Request;
import dev.weft.server.http.Routes;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.telemetry.MetricValue;
import dev.weft.server.telemetry.SpanRecord;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** What people, the command line and the page ask. All of it only reads. Thread-safe. */
public final class OperatorApi {
  private static final int MAX_TRACES = 500;

  private final Mesh mesh;
  private final StatusView view;

  /** Answers for a mesh. */
  public OperatorApi(Mesh mesh) {
    this.mesh = mesh;
    this.view = new StatusView(mesh);
  }

  /** Adds its resources. */
  public void addTo(Routes.Builder routes) {
    routes
        .get("/healthz", Caller.ANYONE, request -> Answer.text("text/plain", "ok\n"))
        // A listener opens only after the first compilation, so whoever is answered is ready.
        .get("/readyz", Caller.ANYONE, request -> Answer.text("text/plain", "ok\n"))
        .get("/metrics", Caller.OPERATOR, request -> Answer.text(TEXT_FORMAT, ownMetrics()))
        .get("/v1/status", Caller.OPERATOR, request -> Answer.json(view.status()))
        .get(
            "/v1/workloads",
            Caller.OPERATOR,
            request -> Answer.json(Map.of("workloads", view.workloads())))
        .get("/v1/services", Caller.OPERATOR, this::services)
        .get(
            "/v1/policies",
            Caller.OPERATOR,
            request -> Answer.json(Map.of("documents", view.documents())))
        .get(
            "/v1/connections",
            Caller.OPERATOR,
            request -> Answer.json(Map.of("workloads", view.connections())))
        .get("/v1/certificates", Caller.OPERATOR, request -> certificates())
        .get("/v1/explain", Caller.OPERATOR, this::explain)
        .get("/v1/traces", Caller.OPERATOR, this::traces)
        .get("/v1/traces/", Caller.OPERATOR, this::trace)
        .get("/v1/metrics/query", Caller.OPERATOR, this::query)
        .get(
            "/v1/metrics/names",
            Caller.OPERATOR,
            request -> Answer.json(Map.of("names", List.copyOf(mesh.metrics().names()))));
  }

  private static final String TEXT_FORMAT = "text/plain; version=0.0.4";

  /** The services as the clients of one namespace see them. */
  private Answer services(Request request) {
    String namespace = request.parameter("namespace", "default");
    Workload viewer =
        new Workload("api", "", namespace, "api", "", "", Map.of(), List.of(), Map.of(), true);
    List<Object> services = new ArrayList<>();
    mesh.distribution()
        .state()
        .mesh()
        .snapshotFor(viewer)
        .services()
        .forEach(service -> services.add(Trees.toTree(service)));
    return Answer.json(Map.of("namespace", namespace, "services", services));
  }

  private Answer certificates() {
    X509Certificate root = mesh.authority().root();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put(
        "roots",
        List.of(
            Map.of(
                "subject", root.getSubjectX500Principal().getName(),
                "pin", CertificateAuthority.pin(root),
                "notBefore", root.getNotBefore().toInstant().toString(),
                "notAfter", root.getNotAfter().toInstant().toString())));
    answer.put(
        "server",
        Map.of(
            "spiffeId", mesh.certificate().spiffeId().toString(),
            "notAfter", mesh.certificate().notAfter().toString()));
    List<Object> leaves = new ArrayList<>();
    mesh.registry()
        .registrations()
        .forEach(
            registration -> {
              Map<String, Object> leaf = new LinkedHashMap<>();
              leaf.put("workload", registration.workload().id());
              leaf.put("spiffeId", registration.svid().spiffeId().toString());
              leaf.put("serial", registration.svid().certificate().getSerialNumber().toString(16));
              leaf.put("notAfter", registration.svid().notAfter().toString());
              leaves.add(leaf);
            });
    answer.put("workloads", leaves);
    answer.put("issued", mesh.enrollment().issued());
    answer.put("refused", mesh.enrollment().refused());
    return Answer.json(answer);
  }

  private Answer explain(Request request) throws Refusal {
    Question question =
        Question.of(
            required(request, "from"),
            required(request, "to"),
            request.parameter("method", "GET"),
            request.parameter("path", "/"),
            request.query().getOrDefault("header", List.of()));
    MeshState state = mesh.distribution().state();
    return Answer.json(
        Explanation.live(question, state.mesh(), state.workloads(), mesh.trustDomain()));
  }

  private static String required(Request request, String name) throws Refusal {
    String value = request.parameter(name, "");
    if (value.isEmpty()) {
      throw new Refusal(
          Kind.BAD_REQUEST, "bad-request", "The query parameter " + name + " is missing.");
    }
    return value;
  }

  private Answer traces(Request request) throws Refusal {
    int limit;
    try {
      limit = Integer.parseInt(request.parameter("limit", "20"));
    } catch (NumberFormatException e) {
      throw new Refusal(Kind.BAD_REQUEST, "bad-request", "The limit is no number.");
    }
    List<Object> traces = new ArrayList<>();
    for (List<SpanRecord> spans :
        mesh.spans()
            .newest(request.parameter("service", ""), Math.max(1, Math.min(limit, MAX_TRACES)))) {
      traces.add(trace(spans));
    }
    return Answer.json(Map.of("traces", traces));
  }

  private Answer trace(Request request) throws Refusal {
    List<SpanRecord> spans = mesh.spans().trace(request.rest());
    if (spans.isEmpty()) {
      throw new Refusal(
          Kind.NOT_FOUND, "no-such-trace", "No span of trace " + request.rest() + " is kept.");
    }
    return Answer.json(trace(spans));
  }

  private static Map<String, Object> trace(List<SpanRecord> spans) {
    long start = spans.stream().mapToLong(SpanRecord::startNanos).min().orElse(0);
    long end = spans.stream().mapToLong(SpanRecord::endNanos).max().orElse(0);
    TreeSet<String> services = new TreeSet<>();
    spans.forEach(span -> services.add(span.service()));
    Map<String, Object> trace = new LinkedHashMap<>();
    trace.put("traceId", spans.get(0).traceId());
    trace.put("startNanos", start);
    trace.put("durationMillis", (end - start) / 1e6);
    trace.put("services", List.copyOf(services));
    trace.put("error", spans.stream().anyMatch(span -> span.status().equals("ERROR")));
    trace.put("spans", spans.stream().map(Trees::toTree).toList());
    return trace;
  }

  private Answer query(Request request) throws Refusal {
    String name = required(request, "name");
    Map<String, String> where = new TreeMap<>();
    request
        .query()
        .forEach(
            (key, values) -> {
              if (!key.equals("name") && !key.equals("token")) {
                where.put(key, values.get(0));
              }
            });
    List<Object> series = new ArrayList<>();
    mesh.metrics().sum(name, where).forEach((labels, value) -> series.add(series(labels, value)));
    return Answer.json(Map.of("name", name, "series", series));
  }

  private static Map<String, Object> series(SortedMap<String, String> labels, MetricValue value) {
    Map<String, Object> series = new LinkedHashMap<>();
    series.put("labels", labels);
    if (value.histogram()) {
      series.put("count", value.count());
      series.put("sum", value.value());
      series.put("bounds", value.bounds());
      series.put("buckets", value.buckets());
    } else {
      series.put("value", value.value());
    }
    return series;
  }

  /** The server's own state in the text format of Prometheus. */
  private String ownMetrics() {
    Map<String, Number> gauges = new LinkedHashMap<>();
    gauges.put("weft_server_workloads", mesh.registry().registrations().size());
    gauges.put("weft_server_policy_diagnostics", mesh.distribution().state().diagnostics().size());
    gauges.put("weft_server_spans", mesh.spans().size());
    gauges.put("weft_server_series", mesh.metrics().size());
    Map<String, Number> counters = new LinkedHashMap<>();
    counters.put("weft_server_snapshots_pushed_total", mesh.distribution().pushes());
    counters.put("weft_server_snapshots_refused_total", mesh.distribution().nacks());
    counters.put("weft_server_certificates_issued_total", mesh.enrollment().issued());
    counters.put("weft_server_certificates_refused_total", mesh.enrollment().refused());
    counters.put("weft_server_spans_received_total", mesh.spans().received());
    counters.put("weft_server_spans_dropped_total", mesh.spans().dropped());
    counters.put("weft_server_points_received_total", mesh.metrics().received());
    counters.put("weft_server_series_dropped_total", mesh.metrics().dropped());
    StringBuilder page = new StringBuilder();
    gauges.forEach((name, value) -> line(page, name, "gauge", value));
    counters.forEach((name, value) -> line(page, name, "counter", value));
    return page.toString();
  }

  private static void line(StringBuilder page, String name, String type, Number value) {
    page.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    page.append(name).append(' ').append(value).append('\n');
  }
}
