package dev.weft.server.telemetry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.weft.policy.SpiffeId;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.telemetry.MetricWindow.Series;
import dev.weft.server.telemetry.MetricWindow.Workload;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Takes OTLP requests apart and fills the windows. What it does not keep (summaries, exponential
 * histograms' buckets, events, links) it ignores. Thread-safe.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#otlphttp">OTLP/HTTP</a>
 */
public final class OtlpReceiver {
  private static final int MAX_ATTRIBUTES = 64;
  private static final int MAX_TEXT = 1024;

  private final SpanWindow spans;
  private final MetricWindow metrics;
  private final LogWindow logs;
  private final LongAdder malformed = new LongAdder();

  /** Fills these windows. */
  public OtlpReceiver(SpanWindow spans, MetricWindow metrics, LogWindow logs) {
    this.spans = spans;
    this.metrics = metrics;
    this.logs = logs;
  }

  /**
   * Takes an {@code ExportTraceServiceRequest}.
   *
   * @return the serialised response
   */
  public byte[] traces(byte[] body, SpiffeId from) throws Refusal {
    ExportTraceServiceRequest request;
    try {
      request = ExportTraceServiceRequest.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw notOtlp(e);
    }
    for (ResourceSpans resourceSpans : request.getResourceSpansList()) {
      Workload workload = workload(resourceSpans.getResource(), from);
      for (ScopeSpans scope : resourceSpans.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) {
          spans.add(record(span, workload));
        }
      }
    }
    return ExportTraceServiceResponse.getDefaultInstance().toByteArray();
  }

  private static SpanRecord record(Span span, Workload workload) {
    return new SpanRecord(
        hex(span.getTraceId()),
        hex(span.getSpanId()),
        hex(span.getParentSpanId()),
        cut(span.getName()),
        workload.service(),
        workload.instance(),
        workload.spiffeId(),
        span.getKind().name().replace("SPAN_KIND_", ""),
        span.getStartTimeUnixNano(),
        span.getEndTimeUnixNano(),
        span.getStatus().getCode().name().replace("STATUS_CODE_", ""),
        cut(span.getStatus().getMessage()),
        attributes(span.getAttributesList()));
  }

  private static Map<String, Object> attributes(List<KeyValue> all) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    for (KeyValue attribute : all) {
      if (attributes.size() < MAX_ATTRIBUTES) {
        attributes.put(cut(attribute.getKey()), value(attribute.getValue()));
      }
    }
    return attributes;
  }

  /**
   * Takes an {@code ExportLogsServiceRequest}.
   *
   * @return the serialised response
   */
  public byte[] logs(byte[] body, SpiffeId from) throws Refusal {
    ExportLogsServiceRequest request;
    try {
      request = ExportLogsServiceRequest.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw notOtlp(e);
    }
    for (ResourceLogs resourceLogs : request.getResourceLogsList()) {
      Workload workload = workload(resourceLogs.getResource(), from);
      for (ScopeLogs scope : resourceLogs.getScopeLogsList()) {
        scope.getLogRecordsList().forEach(log -> logs.add(record(log, workload)));
      }
    }
    return ExportLogsServiceResponse.getDefaultInstance().toByteArray();
  }

  private static LogRecord record(io.opentelemetry.proto.logs.v1.LogRecord log, Workload workload) {
    return new LogRecord(
        log.getTimeUnixNano() == 0 ? log.getObservedTimeUnixNano() : log.getTimeUnixNano(),
        workload.service(),
        workload.instance(),
        workload.spiffeId(),
        log.getSeverityNumberValue(),
        cut(log.getSeverityText()),
        value(log.getBody()).toString(),
        hex(log.getTraceId()),
        hex(log.getSpanId()),
        attributes(log.getAttributesList()));
  }

  /**
   * Takes an {@code ExportMetricsServiceRequest}.
   *
   * @return the serialised response
   */
  public byte[] metrics(byte[] body, SpiffeId from) throws Refusal {
    ExportMetricsServiceRequest request;
    try {
      request = ExportMetricsServiceRequest.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw notOtlp(e);
    }
    for (ResourceMetrics resourceMetrics : request.getResourceMetricsList()) {
      Workload workload = workload(resourceMetrics.getResource(), from);
      for (ScopeMetrics scope : resourceMetrics.getScopeMetricsList()) {
        for (Metric metric : scope.getMetricsList()) {
          take(metric, workload);
        }
      }
    }
    return ExportMetricsServiceResponse.getDefaultInstance().toByteArray();
  }

  private void take(Metric metric, Workload workload) {
    String name = cut(metric.getName());
    switch (metric.getDataCase()) {
      case SUM -> {
        boolean delta = delta(metric.getSum().getAggregationTemporality());
        for (NumberDataPoint point : metric.getSum().getDataPointsList()) {
          keep(new Series(workload, name, labels(point.getAttributesList())), number(point), delta);
        }
      }
      case GAUGE -> {
        for (NumberDataPoint point : metric.getGauge().getDataPointsList()) {
          keep(new Series(workload, name, labels(point.getAttributesList())), number(point), false);
        }
      }
      case HISTOGRAM -> {
        boolean delta = delta(metric.getHistogram().getAggregationTemporality());
        for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
          MetricValue value =
              new MetricValue(
                  point.getSum(),
                  true,
                  point.getCount(),
                  List.copyOf(point.getExplicitBoundsList()),
                  List.copyOf(point.getBucketCountsList()));
          keep(new Series(workload, name, labels(point.getAttributesList())), value, delta);
        }
      }
      case EXPONENTIAL_HISTOGRAM -> {
        boolean delta = delta(metric.getExponentialHistogram().getAggregationTemporality());
        for (var point : metric.getExponentialHistogram().getDataPointsList()) {
          MetricValue value =
              new MetricValue(point.getSum(), true, point.getCount(), List.of(), List.of());
          keep(new Series(workload, name, labels(point.getAttributesList())), value, delta);
        }
      }
      default -> {
        // Summaries cannot be added up, and nothing else has data.
      }
    }
  }

  private void keep(Series series, MetricValue value, boolean delta) {
    if (delta) {
      metrics.add(series, value);
    } else {
      metrics.set(series, value);
    }
  }

  private static boolean delta(AggregationTemporality temporality) {
    return temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
  }

  private static MetricValue number(NumberDataPoint point) {
    return MetricValue.number(point.hasAsInt() ? point.getAsInt() : point.getAsDouble());
  }

  private static SortedMap<String, String> labels(List<KeyValue> attributes) {
    SortedMap<String, String> labels = new TreeMap<>();
    for (KeyValue attribute : attributes) {
      if (labels.size() < MAX_ATTRIBUTES) {
        labels.put(cut(attribute.getKey()), value(attribute.getValue()).toString());
      }
    }
    return labels;
  }

  private static Workload workload(Resource resource, SpiffeId from) {
    String service = from.serviceAccount();
    String instance = "";
    for (KeyValue attribute : resource.getAttributesList()) {
      String value = value(attribute.getValue()).toString();
      if (attribute.getKey().equals("service.name")) {
        service = value;
      } else if (attribute.getKey().equals("service.instance.id")) {
        instance = value;
      }
    }
    return new Workload(service, instance, from.toString());
  }

  private static Object value(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> cut(value.getStringValue());
      case BOOL_VALUE -> value.getBoolValue();
      case INT_VALUE -> value.getIntValue();
      case DOUBLE_VALUE -> value.getDoubleValue();
      case ARRAY_VALUE ->
          cut(
              value.getArrayValue().getValuesList().stream().map(OtlpReceiver::value).toList()
                  + "");
      default -> "";
    };
  }

  private static String hex(ByteString bytes) {
    return bytes.size() <= 16 ? HexFormat.of().formatHex(bytes.toByteArray()) : "";
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }

  private Refusal notOtlp(InvalidProtocolBufferException e) {
    malformed.increment();
    return new Refusal(
        Kind.BAD_REQUEST, "bad-otlp", "The body is not an OTLP request: " + e.getMessage());
  }

  /** Requests that were no OTLP. */
  public long malformed() {
    return malformed.sum();
  }
}
