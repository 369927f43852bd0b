package dev.weft.server.api;

import dev.weft.policy.tree.Trees;
import dev.weft.server.http.Answer;
import dev.weft.server.http.Caller;
import dev.weft.server.http.Request;
import dev.weft.server.http.Routes;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.telemetry.LogRecord;
import dev.weft.server.telemetry.MetricValue;
import dev.weft.server.telemetry.SpanRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** What operators read of the telemetry that agents sent. Thread-safe. */
public final class TelemetryApi {
  private static final int MAX_TRACES = 500;
  private static final int MAX_LOGS = 1_000;

  private final Mesh mesh;

  /** Answers for a mesh. */
  public TelemetryApi(Mesh mesh) {
    this.mesh = mesh;
  }

  /** Adds its resources. */
  public void addTo(Routes.Builder routes) {
    routes
        .get("/v1/traces", Caller.VIEWER, this::traces)
        .get("/v1/traces/{traceId}", Caller.VIEWER, this::trace)
        .get("/v1/metrics/query", Caller.VIEWER, this::query)
        .get(
            "/v1/metrics/names",
            Caller.VIEWER,
            request -> Answer.json(Map.of("names", List.copyOf(mesh.metrics().names()))))
        .get("/v1/logs", Caller.VIEWER, this::logs);
  }

  private Answer traces(Request request) throws Refusal {
    int limit = Page.limit(request, 20, MAX_TRACES);
    List<Object> traces = new ArrayList<>();
    for (List<SpanRecord> spans : mesh.spans().newest(request.parameter("service", ""), limit)) {
      traces.add(trace(spans));
    }
    return Answer.json(Map.of("traces", traces));
  }

  private Answer trace(Request request) throws Refusal {
    String id = request.path("traceId");
    List<SpanRecord> spans = mesh.spans().trace(id);
    if (spans.isEmpty()) {
      throw new Refusal(Kind.NOT_FOUND, "no-such-trace", "No span of trace " + id + " is kept.");
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
    String name = OperatorApi.required(request, "name");
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

  private Answer logs(Request request) throws Refusal {
    int limit = Page.limit(request, 100, MAX_LOGS);
    int severity;
    String least = request.parameter("severity", "0");
    try {
      severity = Integer.parseInt(least);
    } catch (NumberFormatException e) {
      throw new Refusal(
          Kind.BAD_REQUEST,
          "bad-request",
          "severity: expected a number from 0 to 24, found \"" + least + "\".");
    }
    Predicate<LogRecord> fits = record -> record.severity() >= severity;
    fits = fits.and(equal(request, "service", LogRecord::service));
    fits = fits.and(equal(request, "traceId", LogRecord::traceId));
    return Answer.json(
        Map.of("records", mesh.logs().newest(fits, limit).stream().map(Trees::toTree).toList()));
  }

  private static Predicate<LogRecord> equal(
      Request request, String name, Function<LogRecord, String> part) {
    String wanted = request.parameter(name, "");
    return wanted.isEmpty() ? record -> true : record -> part.apply(record).equals(wanted);
  }
}
