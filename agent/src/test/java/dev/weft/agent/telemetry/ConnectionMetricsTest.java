package dev.weft.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Peer;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.SpiffeId;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectionMetricsTest {
  private static final String ORDERS = "spiffe://cluster.local/ns/default/sa/orders";
  private static final String PAY = "spiffe://cluster.local/ns/default/sa/pay";
  private static final Endpoint ENDPOINT =
      new Endpoint("10.0.0.7", 8080, 80, "pay-1", PAY, Map.of("version", "v1"), true);
  private static final Service SERVICE =
      new Service(
          "pay",
          "default",
          List.of("pay", "pay.default.svc.cluster.local"),
          "240.0.0.1",
          List.of(new ServicePort("tcp", 80, "")),
          List.of(ENDPOINT),
          List.of());
  private static final ConnectionEnds TO_PAY =
      new ConnectionEnds(true, peer(PAY), SERVICE, ENDPOINT);

  private final ConnectionMetrics metrics =
      new ConnectionMetrics(() -> Party.self(TelemetryOff.settings(), ORDERS), "orders");
  private final InMemoryMetricReader reader = InMemoryMetricReader.create();
  private final SdkMeterProvider provider =
      SdkMeterProvider.builder().registerMetricReader(reader).build();

  ConnectionMetricsTest() {
    metrics.register(provider.get("test"));
  }

  private static Peer peer(String id) {
    return new Peer(Optional.of(SpiffeId.parse(id)));
  }

  private List<LongPointData> points(String name) {
    return reader.collectAllMetrics().stream()
        .filter(metric -> metric.getName().equals(name))
        .map(MetricData::getLongSumData)
        .flatMap(sum -> sum.getPoints().stream())
        .toList();
  }

  private static String label(Attributes labels, String name) {
    return labels.get(AttributeKey.stringKey(name));
  }

  @Test
  void aConnectionWeMadeIsReportedByTheSourceWithBothIdentities() {
    ConnectionMetrics.Series series = metrics.series(TO_PAY, "-");
    series.opened();
    series.carried(300, 7);
    series.closed();

    LongPointData received = points("istio_tcp_received_bytes_total").get(0);
    Attributes labels = received.getAttributes();
    assertThat(received.getValue()).isEqualTo(300);
    assertThat(points("istio_tcp_sent_bytes_total").get(0).getValue()).isEqualTo(7);
    assertThat(points("istio_tcp_connections_opened_total").get(0).getValue()).isEqualTo(1);
    assertThat(points("istio_tcp_connections_closed_total").get(0).getValue()).isEqualTo(1);
    assertThat(label(labels, "reporter")).isEqualTo("source");
    assertThat(label(labels, "source_principal")).isEqualTo(ORDERS);
    assertThat(label(labels, "source_workload")).isEqualTo("orders");
    assertThat(label(labels, "destination_principal")).isEqualTo(PAY);
    assertThat(label(labels, "destination_workload")).isEqualTo("pay");
    assertThat(label(labels, "destination_version")).isEqualTo("v1");
    assertThat(label(labels, "destination_service")).isEqualTo("pay.default.svc.cluster.local");
    assertThat(label(labels, "destination_service_name")).isEqualTo("pay");
    assertThat(label(labels, "request_protocol")).isEqualTo("tcp");
    assertThat(label(labels, "response_flags")).isEqualTo("-");
    assertThat(label(labels, "connection_security_policy")).isEqualTo("unknown");
    assertThat(label(labels, "response_code")).isNull();
  }

  @Test
  void aConnectionWeAcceptedIsReportedByTheDestination() {
    metrics.series(new ConnectionEnds(false, peer(PAY), null, null), "-").opened();
    metrics.series(new ConnectionEnds(false, Peer.PLAINTEXT, null, null), "UAEX").opened();

    List<LongPointData> opened = points("istio_tcp_connections_opened_total");
    assertThat(opened)
        .extracting(
            point -> label(point.getAttributes(), "reporter"),
            point -> label(point.getAttributes(), "source_principal"),
            point -> label(point.getAttributes(), "destination_principal"),
            point -> label(point.getAttributes(), "connection_security_policy"),
            point -> label(point.getAttributes(), "response_flags"))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("destination", PAY, ORDERS, "mutual_tls", "-"),
            org.assertj.core.groups.Tuple.tuple("destination", "unknown", ORDERS, "none", "UAEX"));
  }

  @Test
  void openConnectionsHandOverBeforeTheSdkReads() {
    ConnectionMetrics.Series series = metrics.series(TO_PAY, "-");
    metrics.beforeReading(() -> series.carried(10, 20));

    assertThat(points("istio_tcp_sent_bytes_total").get(0).getValue()).isEqualTo(20);
    assertThat(points("istio_tcp_sent_bytes_total").get(0).getValue())
        .as("a total, not what is new")
        .isEqualTo(40);
  }

  @Test
  void equalLabelsShareASeries() {
    assertThat(metrics.series(TO_PAY, "-")).isSameAs(metrics.series(TO_PAY, "-"));
    assertThat(metrics.series(TO_PAY, "UF")).isNotSameAs(metrics.series(TO_PAY, "-"));
  }

  @Test
  void beyondTheBoundOneSeriesTakesAll() {
    for (int i = 0; i < ConnectionMetrics.MOST_SERIES; i++) {
      metrics.series(TO_PAY, "flag" + i);
    }

    ConnectionMetrics.Series over = metrics.series(TO_PAY, "one more");

    assertThat(over).isSameAs(metrics.series(TO_PAY, "and another"));
    assertThat(metrics.series(TO_PAY, "flag7")).isNotSameAs(over);
  }
}
