package dev.weft.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.InboundRequest;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.ServerExchange;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Peer;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.SpiffeId;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InstrumentsTest {
  private static final String CALLER = "00-11111111111111111111111111111111-2222222222222222-01";
  private static final Service PAY =
      new Service(
          "pay",
          "default",
          List.of("pay", "pay.default.svc.cluster.local"),
          "240.0.0.1",
          List.of(new ServicePort("", 80, "")),
          List.of(),
          List.of());
  private static final Endpoint PAY_V2 =
      new Endpoint(
          "10.0.0.2",
          8080,
          80,
          "pay-2",
          "spiffe://cluster.local/ns/default/sa/pay",
          Map.of("version", "v2"),
          true);

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
          .build();
  private final ConnectionMetrics connections =
      new ConnectionMetrics(InstrumentsTest::self, "orders");
  private final Instruments instruments =
      new Instruments(sdk, InstrumentsTest::self, "orders", connections);

  private static Party self() {
    return Party.self(TelemetryOff.settings(), "spiffe://cluster.local/ns/default/sa/orders");
  }

  private record Out(Map<String, String> headers) implements OutboundRequest {
    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String host() {
      return "pay";
    }

    @Override
    public int port() {
      return 8080;
    }

    @Override
    public String pathAndQuery() {
      return "/charge?x=1";
    }

    @Override
    public List<String> header(String name) {
      return headers.containsKey(name) ? List.of(headers.get(name)) : List.of();
    }

    @Override
    public void eachHeader(BiConsumer<String, String> nameAndValue) {
      headers.forEach(nameAndValue);
    }

    @Override
    public Body body() {
      return Body.NONE;
    }

    @Override
    public byte @Nullable [] bytes() {
      return null;
    }

    @Override
    public Optional<Duration> timeout() {
      return Optional.empty();
    }
  }

  private record In(Map<String, String> headers) implements InboundRequest {
    @Override
    public String method() {
      return "BREW";
    }

    @Override
    public String path() {
      return "/orders";
    }

    @Override
    public String query() {
      return "";
    }

    @Override
    public boolean replaceHeader(String name, String value) {
      return true;
    }

    @Override
    public String authority() {
      return "orders:80";
    }

    @Override
    public List<String> header(String name) {
      return headers.containsKey(name) ? List.of(headers.get(name)) : List.of();
    }

    @Override
    public InetSocketAddress remote() {
      return InetSocketAddress.createUnresolved("10.0.0.9", 4711);
    }

    @Override
    public InetSocketAddress local() {
      return new InetSocketAddress("127.0.0.1", 8080);
    }
  }

  private static ClientOutcome outcome(int status, Throwable failure) {
    return new ClientOutcome(status, "-", "HTTPRoute default/pay", PAY, PAY_V2, 1, failure);
  }

  private static String text(Attributes attributes, String key) {
    return attributes.get(AttributeKey.stringKey(key));
  }

  private Attributes point(String metric) {
    MetricData data =
        metrics.collectAllMetrics().stream()
            .filter(each -> each.getName().equals(metric))
            .findFirst()
            .orElseThrow();
    return data.getData().getPoints().iterator().next().getAttributes();
  }

  @Test
  void describesAnOutboundRequestByTheConventions() {
    instruments.client(new Out(Map.of())).end(outcome(200, null));

    SpanData span = spans.getFinishedSpanItems().get(0);
    assertThat(span.getName()).isEqualTo("GET");
    assertThat(span.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    Attributes attributes = span.getAttributes();
    assertThat(text(attributes, "http.request.method")).isEqualTo("GET");
    assertThat(text(attributes, "server.address")).isEqualTo("pay");
    assertThat(attributes.get(AttributeKey.longKey("server.port"))).isEqualTo(8080);
    assertThat(text(attributes, "url.full")).isEqualTo("http://pay:8080/charge?x=1");
    assertThat(attributes.get(AttributeKey.longKey("http.response.status_code"))).isEqualTo(200);
    assertThat(attributes.get(AttributeKey.longKey("http.request.resend_count"))).isEqualTo(1);
    assertThat(text(attributes, "network.peer.address")).isEqualTo("10.0.0.2");
    assertThat(text(attributes, "weft.rule")).isEqualTo("HTTPRoute default/pay");
    assertThat(text(attributes, "weft.peer.id")).endsWith("/sa/pay");
  }

  @Test
  void marksErrors() {
    instruments.client(new Out(Map.of())).end(outcome(404, null));
    instruments.client(new Out(Map.of())).end(outcome(0, new IOException("reset")));

    assertThat(spans.getFinishedSpanItems())
        .extracting(span -> text(span.getAttributes(), "error.type"))
        .containsExactly("404", "java.io.IOException");
    assertThat(spans.getFinishedSpanItems())
        .allMatch(span -> span.getStatus().getStatusCode() == StatusCode.ERROR);
  }

  @Test
  void countsOutboundRequestsWithIstiosLabels() {
    instruments.client(new Out(Map.of())).end(outcome(200, null));

    Attributes labels = point("istio_requests_total");
    assertThat(text(labels, "reporter")).isEqualTo("source");
    assertThat(text(labels, "source_workload")).isEqualTo("orders");
    assertThat(text(labels, "source_version")).isEqualTo("v1");
    assertThat(text(labels, "destination_workload")).isEqualTo("pay");
    assertThat(text(labels, "destination_version")).isEqualTo("v2");
    assertThat(text(labels, "destination_service")).isEqualTo("pay.default.svc.cluster.local");
    assertThat(text(labels, "destination_service_name")).isEqualTo("pay");
    assertThat(text(labels, "destination_principal"))
        .isEqualTo("spiffe://cluster.local/ns/default/sa/pay");
    assertThat(text(labels, "response_code")).isEqualTo("200");
    assertThat(text(labels, "response_flags")).isEqualTo("-");
    assertThat(text(point("http.client.request.duration"), "server.address")).isEqualTo("pay");
  }

  @Test
  void describesAnInboundRequestByItsPeersIdentity() {
    Peer web = new Peer(Optional.of(new SpiffeId("cluster.local", "default", "web")));
    instruments.server(new In(Map.of()), "orders", web, "default").end(200, "-", null);

    SpanData span = spans.getFinishedSpanItems().get(0);
    assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(span.getName()).isEqualTo("HTTP");
    assertThat(text(span.getAttributes(), "http.request.method")).isEqualTo("_OTHER");
    assertThat(text(span.getAttributes(), "url.path")).isEqualTo("/orders");
    assertThat(text(span.getAttributes(), "weft.peer.id"))
        .isEqualTo("spiffe://cluster.local/ns/default/sa/web");
    Attributes labels = point("istio_requests_total");
    assertThat(text(labels, "reporter")).isEqualTo("destination");
    assertThat(text(labels, "source_principal")).endsWith("/sa/web");
    assertThat(text(labels, "destination_service_name")).isEqualTo("orders");
    assertThat(text(labels, "connection_security_policy")).isEqualTo("mutual_tls");
  }

  @Test
  void continuesOneTraceFromCallerToCallee() {
    ServerObservation inbound =
        instruments.server(
            new In(Map.of("traceparent", CALLER)), "orders", Peer.PLAINTEXT, "default");
    ClientObservation outbound;
    try (ServerExchange.Scope scope = inbound.attach()) {
      outbound = instruments.client(new Out(Map.of()));
    }
    assertThat(traceparent(outbound)).startsWith("00-11111111111111111111111111111111-");
    outbound.end(outcome(200, null));
    inbound.end(200, "-", null);

    SpanData client = spans.getFinishedSpanItems().get(0);
    SpanData server = spans.getFinishedSpanItems().get(1);
    assertThat(server.getParentSpanId()).isEqualTo("2222222222222222");
    assertThat(client.getParentSpanId()).isEqualTo(server.getSpanId());
    assertThat(traceparent(instruments.client(new Out(Map.of()))))
        .doesNotContain("11111111111111111111111111111111");
  }

  private static @Nullable String traceparent(ClientObservation observation) {
    Map<String, String> headers = new HashMap<>();
    observation.eachHeader(headers::put);
    return headers.get("traceparent");
  }

  @Test
  void isTheChildOfTheApplicationsOwnSpanButNotOfACopiedHeader() {
    String own = "00-33333333333333333333333333333333-4444444444444444-01";
    ServerObservation inbound =
        instruments.server(
            new In(Map.of("traceparent", CALLER)), "orders", Peer.PLAINTEXT, "default");
    try (ServerExchange.Scope scope = inbound.attach()) {
      instruments.client(new Out(Map.of("traceparent", own))).end(outcome(200, null));
      instruments.client(new Out(Map.of("traceparent", CALLER))).end(outcome(200, null));
    }
    inbound.end(200, "-", null);

    List<SpanData> finished = spans.getFinishedSpanItems();
    assertThat(finished.get(0).getParentSpanId()).isEqualTo("4444444444444444");
    assertThat(finished.get(1).getParentSpanId()).isEqualTo(finished.get(2).getSpanId());
  }
}
