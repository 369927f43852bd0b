package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.weft.server.http.Timing;
import dev.weft.server.protocol.Json;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Clients that behave badly, and what everybody may ask. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpTest {
  private TestServer server;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    Timing quick = TestServer.QUICK;
    server =
        TestServer.in(
            folder,
            new Timing(
                quick.handshake(),
                Duration.ofMillis(500),
                quick.idle(),
                quick.write(),
                quick.ping(),
                quick.stuck()),
            Duration.ofSeconds(15));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return server.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(server.uri().resolve(path));
  }

  private SSLSocket socket() throws Exception {
    URI uri = server.uri();
    return (SSLSocket) server.trust().getSocketFactory().createSocket(uri.getHost(), uri.getPort());
  }

  private static String readAll(SSLSocket socket) throws IOException {
    InputStream in = socket.getInputStream();
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void everybodyMayAskWhetherItLives() throws Exception {
    assertThat(send(to("/healthz")).statusCode()).isEqualTo(200);
    assertThat(send(to("/readyz")).statusCode()).isEqualTo(200);
  }

  @Test
  void nothingElseAnswersWithoutTheOperatorToken() throws Exception {
    for (String path :
        new String[] {
          "/v1/status",
          "/v1/workloads",
          "/v1/services",
          "/v1/policies",
          "/v1/traces",
          "/v1/traces/00",
          "/v1/metrics/query?name=x",
          "/v1/connections",
          "/v1/certificates",
          "/v1/explain?from=a&to=b",
          "/metrics"
        }) {
      assertThat(send(to(path)).statusCode()).as(path).isEqualTo(401);
      assertThat(send(to(path).header("Authorization", "Bearer wrong")).statusCode())
          .as(path)
          .isEqualTo(401);
    }
  }

  @Test
  void theOperatorReadsEverything() throws Exception {
    for (String path :
        new String[] {
          "/v1/status",
          "/v1/workloads",
          "/v1/services",
          "/v1/policies",
          "/v1/traces",
          "/v1/metrics/query?name=x",
          "/v1/connections",
          "/v1/certificates",
          "/v1/explain?from=a&to=b"
        }) {
      assertThat(server.get(path)).as(path).isNotEmpty();
    }
  }

  @Test
  void theTokenCountsInAQueryOnlyOnTheDashboard() throws Exception {
    String query = "/v1/status?token=" + server.operatorToken();

    assertThat(send(to(query)).statusCode()).isEqualTo(401);
    HttpResponse<String> page =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(server.dashboard().resolve(query)).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(page.statusCode()).isEqualTo(200);
  }

  @Test
  void theDashboardIsAPageForTheOperator() throws Exception {
    HttpClient browser = HttpClient.newHttpClient();
    URI page = server.dashboard().resolve("/?token=" + server.operatorToken());

    assertThat(
            browser
                .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
                .body())
        .contains("<title>Weft</title>");
    assertThat(
            browser
                .send(
                    HttpRequest.newBuilder(server.dashboard().resolve("/")).build(),
                    HttpResponse.BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void unknownPathsAndMethodsAreToldSoAsJson() throws Exception {
    HttpResponse<String> nothing = send(to("/v2/nothing"));
    HttpResponse<String> wrong = send(to("/v1/enroll"));

    assertThat(nothing.statusCode()).isEqualTo(404);
    assertThat(nothing.body()).contains("no-such-path");
    assertThat(wrong.statusCode()).isEqualTo(405);
    assertThat(wrong.body()).contains("POST");
  }

  @Test
  void whatIsNoJsonIsABadRequest() throws Exception {
    HttpResponse<String> response =
        send(to("/v1/enroll").POST(HttpRequest.BodyPublishers.ofString("{\"token\":")));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("bad-json");
  }

  @Test
  void anOversizedBodyIsRefusedByItsLengthAlone() throws Exception {
    HttpResponse<String> response =
        send(to("/v1/enroll").POST(HttpRequest.BodyPublishers.ofByteArray(new byte[1 << 20])));

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).contains("body-too-large");
  }

  @Test
  void anOversizedBodyIsRefusedAlsoWhenItsLengthIsNotSaid() throws Exception {
    byte[] large = new byte[1 << 20];
    HttpResponse<String> response =
        send(
            to("/v1/enroll")
                .POST(
                    HttpRequest.BodyPublishers.fromPublisher(
                        HttpRequest.BodyPublishers.ofByteArray(large))));

    assertThat(response.statusCode()).isEqualTo(413);
  }

  @Test
  void aSlowHeadIsCutOff() throws Exception {
    try (SSLSocket socket = socket()) {
      socket.getOutputStream().write("GET /healthz HT".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();

      assertThat(readAll(socket)).startsWith("HTTP/1.1 408").contains("too-slow");
    }
  }

  @Test
  void aSlowBodyIsCutOff() throws Exception {
    try (SSLSocket socket = socket()) {
      socket
          .getOutputStream()
          .write(
              "POST /v1/enroll HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();

      assertThat(readAll(socket)).startsWith("HTTP/1.1 408");
    }
  }

  @Test
  void garbageIsABadRequest() throws Exception {
    try (SSLSocket socket = socket()) {
      socket
          .getOutputStream()
          .write("\u0001\u0002\u0003 nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();

      assertThat(readAll(socket)).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void aHugeHeadIsRefused() throws Exception {
    HttpResponse<String> response = send(to("/healthz").header("X-Large", "x".repeat(20_000)));

    assertThat(response.statusCode()).isEqualTo(413);
  }

  @Test
  void olderTlsIsRefused() throws Exception {
    try (SSLSocket socket = socket()) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});

      assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
    }
  }

  @Test
  void tracesAndMetricsOfAgentsCanBeAskedFor() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(ByteString.copyFrom(new byte[16]))
            .setSpanId(ByteString.copyFrom(new byte[8]))
            .setName("GET /pay")
            .setKind(Span.SpanKind.SPAN_KIND_SERVER);
    ExportTraceServiceRequest.Builder traces = ExportTraceServiceRequest.newBuilder();
    traces.addResourceSpansBuilder().addScopeSpansBuilder().addSpans(span);
    ExportMetricsServiceRequest.Builder metrics = ExportMetricsServiceRequest.newBuilder();
    Metric.Builder metric = Metric.newBuilder().setName("istio_requests_total");
    metric.getSumBuilder().addDataPointsBuilder().setAsInt(7);
    metrics.addResourceMetricsBuilder().addScopeMetricsBuilder().addMetrics(metric);
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write(metrics.build().toByteArray());
    }

    assertThat(
            agent
                .postBytes(
                    "/v1/traces",
                    traces.build().toByteArray(),
                    "Content-Type",
                    "application/x-protobuf")
                .statusCode())
        .isEqualTo(200);
    assertThat(
            agent
                .postBytes(
                    "/v1/metrics",
                    zipped.toByteArray(),
                    "Content-Type",
                    "application/x-protobuf",
                    "Content-Encoding",
                    "gzip")
                .statusCode())
        .isEqualTo(200);

    Map<String, Object> trace = server.get("/v1/traces/" + "0".repeat(32));
    assertThat(Json.text(trace)).contains("GET /pay").contains("\"service\":\"pay\"");
    assertThat(Json.text(server.get("/v1/traces?service=pay&limit=5"))).contains("GET /pay");
    assertThat(Json.text(server.get("/v1/metrics/query?name=istio_requests_total")))
        .contains("\"value\":7.0");
  }

  @Test
  void telemetryOfStrangersIsRefused() throws Exception {
    HttpResponse<String> response =
        send(
            to("/v1/traces")
                .header("Content-Type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[0])));

    assertThat(response.statusCode()).isEqualTo(401);
  }

  @Test
  void telemetryThatIsNoneIsRefused() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "orders");

    assertThat(
            agent
                .postBytes(
                    "/v1/traces", new byte[] {1, 2, 3}, "Content-Type", "application/x-protobuf")
                .statusCode())
        .isEqualTo(400);
    assertThat(
            agent
                .postBytes("/v1/traces", new byte[0], "Content-Type", "application/json")
                .statusCode())
        .isEqualTo(415);
  }
}
