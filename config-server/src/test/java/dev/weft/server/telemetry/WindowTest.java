package dev.weft.server.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import dev.weft.policy.SpiffeId;
import dev.weft.server.telemetry.MetricWindow.Series;
import dev.weft.server.telemetry.MetricWindow.Workload;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WindowTest {
  private static final SpiffeId PAY = new SpiffeId("cluster.local", "default", "pay");

  private static SpanRecord span(String trace, String service) {
    return new SpanRecord(
        trace, "1", "", "GET", service, "", "", "SERVER", 1, 2, "UNSET", "", Map.of());
  }

  @Test
  void theOldestSpansGoFirstAndAreCounted() {
    SpanWindow window = new SpanWindow(3);
    for (String trace : List.of("a", "a", "b", "c", "d")) {
      window.add(span(trace, "pay"));
    }

    assertThat(window.size()).isEqualTo(3);
    assertThat(window.dropped()).isEqualTo(2);
    assertThat(window.trace("a")).isEmpty();
    assertThat(window.newest("", 2))
        .extracting(spans -> spans.get(0).traceId())
        .containsExactly("d", "c");
  }

  @Test
  void aTraceIsFoundByAnyOfItsServices() {
    SpanWindow window = new SpanWindow(10);
    window.add(span("a", "web"));
    window.add(span("a", "pay"));
    window.add(span("b", "web"));

    assertThat(window.newest("pay", 10)).singleElement().asInstanceOf(LIST).hasSize(2);
    assertThat(window.newest("nobody", 10)).isEmpty();
  }

  private static Series series(String instance, String... labels) {
    TreeMap<String, String> map = new TreeMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      map.put(labels[i], labels[i + 1]);
    }
    return new Series(new Workload("pay", instance, PAY.toString()), "requests", map);
  }

  @Test
  void valuesAreSummedOverWorkloadsForEachSetOfLabels() {
    MetricWindow window = new MetricWindow(10);
    window.set(series("1", "code", "200"), MetricValue.number(5));
    window.set(series("1", "code", "200"), MetricValue.number(7));
    window.set(series("2", "code", "200"), MetricValue.number(3));
    window.set(series("2", "code", "500"), MetricValue.number(1));

    assertThat(window.sum("requests", Map.of()))
        .hasSize(2)
        .containsEntry(new TreeMap<>(Map.of("code", "200")), MetricValue.number(10));
    assertThat(window.sum("requests", Map.of("code", "500"))).hasSize(1);
    assertThat(window.sum("requests", Map.of("service.name", "pay"))).hasSize(2);
    assertThat(window.sum("requests", Map.of("service.name", "web"))).isEmpty();
    assertThat(window.sum("other", Map.of())).isEmpty();
  }

  @Test
  void theSeriesThatWasSilentForLongestGoesFirst() {
    MetricWindow window = new MetricWindow(2);
    window.set(series("1"), MetricValue.number(1));
    window.set(series("2"), MetricValue.number(10));
    window.set(series("1"), MetricValue.number(2));
    window.set(series("3"), MetricValue.number(100));

    assertThat(window.dropped()).isEqualTo(1);
    assertThat(window.sum("requests", Map.of()).values()).containsExactly(MetricValue.number(102));
  }

  @Test
  void histogramsOfEqualBoundsAreSummedBucketByBucket() {
    MetricValue one = new MetricValue(3, true, 2, List.of(1.0), List.of(1L, 1L));
    MetricValue other = new MetricValue(4, true, 3, List.of(1.0), List.of(3L, 0L));

    assertThat(one.plus(other))
        .isEqualTo(new MetricValue(7, true, 5, List.of(1.0), List.of(4L, 1L)));
    assertThat(one.plus(new MetricValue(4, true, 3, List.of(2.0), List.of(3L, 0L))))
        .isEqualTo(new MetricValue(7, true, 5, List.of(), List.of()));
  }

  @Test
  void deltasAreAddedUpAndCumulativeValuesReplace() throws Exception {
    MetricWindow window = new MetricWindow(10);
    OtlpReceiver receiver = new OtlpReceiver(new SpanWindow(1), window, new LogWindow(1));

    for (int i = 0; i < 2; i++) {
      receiver.metrics(sum("d", AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA), PAY);
      receiver.metrics(sum("c", AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE), PAY);
    }

    assertThat(window.sum("d", Map.of()).values()).containsExactly(MetricValue.number(8));
    assertThat(window.sum("c", Map.of("route", "1")).values())
        .containsExactly(MetricValue.number(4));
    assertThat(window.names()).containsExactly("c", "d");
  }

  private static byte[] sum(String name, AggregationTemporality temporality) {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    Metric.Builder metric = Metric.newBuilder().setName(name);
    metric
        .getSumBuilder()
        .setAggregationTemporality(temporality)
        .addDataPointsBuilder()
        .setAsInt(4)
        .addAttributes(
            KeyValue.newBuilder().setKey("route").setValue(AnyValue.newBuilder().setIntValue(1)));
    request.addResourceMetricsBuilder().addScopeMetricsBuilder().addMetrics(metric);
    return request.build().toByteArray();
  }

  @Test
  void theOldestLogRecordGivesWay() {
    LogWindow window = new LogWindow(2);
    for (String body : new String[] {"one", "two", "three"}) {
      window.add(new LogRecord(1, "pay", "", "", 9, "INFO", body, "", "", Map.of()));
    }

    assertThat(window.newest(record -> true, 10))
        .extracting(LogRecord::body)
        .containsExactly("three", "two");
    assertThat(window.size()).isEqualTo(2);
    assertThat(window.received()).isEqualTo(3);
    assertThat(window.dropped()).isEqualTo(1);
  }
}
