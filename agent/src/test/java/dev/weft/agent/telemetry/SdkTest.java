package dev.weft.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SdkTest {
  @Test
  void exportsNothingWithoutAReceiver() {
    OpenTelemetrySdk sdk =
        Sdk.start(TelemetryOff.settings(), Optional.empty(), TelemetryOff.threads(), () -> 100);
    try {
      assertThat(sdk.toString()).doesNotContain("Otlp").contains("orders");
    } finally {
      sdk.close();
    }
  }

  @Test
  void sendsSpansAndMetricsToTheConfigServer() throws Exception {
    List<String> received = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          received.add(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Content-Type"));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    OpenTelemetrySdk sdk =
        Sdk.start(
            TelemetryOff.settings(),
            Optional.of(new ExportTarget(base, SSLContext.getDefault(), trust())),
            TelemetryOff.threads(),
            () -> 100);
    try {
      sdk.getTracer("test").spanBuilder("one").startSpan().end();
      sdk.getMeter("test").counterBuilder("one").build().add(1);
      sdk.getSdkTracerProvider().forceFlush().join(10, TimeUnit.SECONDS);
      sdk.getSdkMeterProvider().forceFlush().join(10, TimeUnit.SECONDS);

      await()
          .untilAsserted(
              () ->
                  assertThat(received)
                      .contains(
                          "/v1/traces application/x-protobuf",
                          "/v1/metrics application/x-protobuf"));
    } finally {
      sdk.close();
      server.stop(0);
    }
  }

  @Test
  void followsTheShareOfRootTracesThatPolicySets() {
    AtomicReference<Double> percent = new AtomicReference<>(0.0);
    OpenTelemetrySdk sdk =
        Sdk.start(TelemetryOff.settings(), Optional.empty(), TelemetryOff.threads(), percent::get);
    try {
      assertThat(sampled(sdk)).isFalse();
      percent.set(100.0);
      assertThat(sampled(sdk)).isTrue();
    } finally {
      sdk.close();
    }
  }

  private static boolean sampled(OpenTelemetrySdk sdk) {
    Span span = sdk.getTracer("test").spanBuilder("one").startSpan();
    span.end();
    return span.getSpanContext().isSampled();
  }

  private static X509TrustManager trust() throws Exception {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }
}
