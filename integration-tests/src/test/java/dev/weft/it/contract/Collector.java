package dev.weft.it.contract;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/** Takes the spans and metrics that an agent sends, by OTLP over HTTP. Thread-safe. */
final class Collector implements AutoCloseable {
  private final HttpServer server;
  private final List<Map<String, String>> spans = new CopyOnWriteArrayList<>();

  /** The newest value by metric and labels; the agent's values are cumulative. */
  private final Map<String, Map<Map<String, String>, Long>> counts = new ConcurrentHashMap<>();

  private Collector(HttpServer server) {
    this.server = server;
  }

  static Collector open() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Collector collector = new Collector(HttpServer.create(any, 0));
    collector.server.createContext("/v1/traces", collector::traces);
    collector.server.createContext("/v1/metrics", collector::metrics);
    collector.server.start();
    return collector;
  }

  /** What the agent is told. */
  Map<String, String> environment() {
    return Map.of(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://127.0.0.1:" + server.getAddress().getPort(),
        "OTEL_METRIC_EXPORT_INTERVAL",
        "200",
        "OTEL_BSP_SCHEDULE_DELAY",
        "100");
  }

  /** The spans of a trace: their attributes, and {@code id}, {@code parent}, {@code kind}. */
  List<Map<String, String>> spans(String trace) {
    return spans.stream().filter(span -> trace.equals(span.get("trace"))).toList();
  }

  /** The sum over all series of a metric that have these labels, each {@code name=value}. */
  long count(String metric, List<String> labels) {
    return counts.getOrDefault(metric, Map.of()).entrySet().stream()
        .filter(series -> labels.stream().allMatch(label -> has(series.getKey(), label)))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static boolean has(Map<String, String> labels, String label) {
    int split = label.indexOf('=');
    return label.substring(split + 1).equals(labels.get(label.substring(0, split)));
  }

  private void traces(HttpExchange exchange) throws IOException {
    ExportTraceServiceRequest.parseFrom(body(exchange)).getResourceSpansList().stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .forEach(span -> spans.add(read(span)));
    answer(exchange);
  }

  private static Map<String, String> read(Span span) {
    Map<String, String> read = labels(span.getAttributesList());
    read.put("trace", HexFormat.of().formatHex(span.getTraceId().toByteArray()));
    read.put("id", HexFormat.of().formatHex(span.getSpanId().toByteArray()));
    read.put("parent", HexFormat.of().formatHex(span.getParentSpanId().toByteArray()));
    read.put("kind", span.getKind().name());
    return read;
  }

  private void metrics(HttpExchange exchange) throws IOException {
    ExportMetricsServiceRequest.parseFrom(body(exchange)).getResourceMetricsList().stream()
        .flatMap(resource -> resource.getScopeMetricsList().stream())
        .flatMap(scope -> scope.getMetricsList().stream())
        .forEach(this::read);
    answer(exchange);
  }

  private void read(Metric metric) {
    Map<Map<String, String>, Long> series =
        counts.computeIfAbsent(metric.getName(), name -> new ConcurrentHashMap<>());
    metric
        .getSum()
        .getDataPointsList()
        .forEach(point -> series.put(labels(point.getAttributesList()), point.getAsInt()));
    metric
        .getHistogram()
        .getDataPointsList()
        .forEach(point -> series.put(labels(point.getAttributesList()), point.getCount()));
  }

  private static Map<String, String> labels(List<KeyValue> attributes) {
    Map<String, String> labels = new TreeMap<>();
    attributes.forEach(one -> labels.put(one.getKey(), text(one.getValue())));
    return labels;
  }

  private static String text(AnyValue value) {
    return value.hasIntValue() ? String.valueOf(value.getIntValue()) : value.getStringValue();
  }

  private static byte[] body(HttpExchange exchange) throws IOException {
    boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    try (InputStream in =
        zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
      return in.readAllBytes();
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
