package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators read: filters, pieces of long lists, the window of log records, lint. */
class ListsTest {
  private TestServer server;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    server = TestServer.in(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static List<?> list(Map<String, Object> answer, String name) {
    return (List<?>) answer.get(name);
  }

  private static List<Object> names(Map<String, Object> answer, String list, String key) {
    List<Object> names = new ArrayList<>();
    list(answer, list).forEach(row -> names.add(((Map<?, ?>) row).get(key)));
    return names;
  }

  private int status(String path) throws Exception {
    return server
        .client()
        .send(
            HttpRequest.newBuilder(server.uri().resolve(path))
                .header("Authorization", "Bearer " + server.operatorToken())
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private void services(String... names) throws Exception {
    for (String name : names) {
      server.write(
          name + ".yaml",
          "apiVersion: v1\nkind: Service\nmetadata: {name: "
              + name
              + ", namespace: default}\nspec: {ports: [{port: 80}]}\n");
    }
    await().until(() -> list(server.get("/v1/policies"), "documents").size() == names.length);
  }

  @Test
  void aLongListIsReadInPiecesWithoutLossOrRepetition() throws Exception {
    services("a", "b", "c", "d", "e");
    List<Object> read = new ArrayList<>();
    String after = "";
    int pieces = 0;
    do {
      Map<String, Object> piece = server.get("/v1/policies?limit=2&after=" + after);
      assertThat(list(piece, "documents")).hasSizeLessThanOrEqualTo(2);
      read.addAll(names(piece, "documents", "name"));
      after = String.valueOf(piece.getOrDefault("next", ""));
      pieces++;
    } while (!after.isEmpty());

    assertThat(read).containsExactly("a", "b", "c", "d", "e");
    assertThat(pieces).isEqualTo(3);
    assertThat(server.get("/v1/policies")).doesNotContainKey("next");
  }

  @Test
  void whatComesBetweenTwoPiecesMovesNothingElse() throws Exception {
    services("b", "c", "d");
    Map<String, Object> first = server.get("/v1/policies?limit=2");
    services("a", "b", "c", "d");

    Map<String, Object> rest = server.get("/v1/policies?limit=2&after=" + first.get("next"));

    assertThat(names(rest, "documents", "name")).containsExactly("d");
  }

  @Test
  void filtersNarrowAndTheRestIsNotShown() throws Exception {
    services("a", "b");
    TestAgent pay = TestAgent.enrolled(server, "pay");
    TestAgent orders = TestAgent.enrolled(server, "orders");
    try (TestAgent.Stream one = pay.watch("pay", 8080);
        TestAgent.Stream two = orders.watch("orders", 8080)) {
      one.next();
      two.next();

      assertThat(names(server.get("/v1/workloads?service=pay"), "workloads", "service"))
          .containsExactly("pay");
      assertThat(names(server.get("/v1/workloads"), "workloads", "service"))
          .containsExactly("orders", "pay");
      assertThat(list(server.get("/v1/workloads?namespace=other"), "workloads")).isEmpty();
      assertThat(names(server.get("/v1/policies?name=b&accepted=true"), "documents", "name"))
          .containsExactly("b");
      assertThat(list(server.get("/v1/policies?accepted=false"), "documents")).isEmpty();
    }
  }

  @Test
  void aLimitThatIsNoneIsRefused() throws Exception {
    for (String limit : new String[] {"0", "-1", "many", ""}) {
      assertThat(status("/v1/workloads?limit=" + limit)).as(limit).isEqualTo(400);
    }
    assertThat(status("/v1/workloads?limit=1")).isEqualTo(200);
  }

  @Test
  void oneDocumentIsFoundByItsName() throws Exception {
    services("a");

    assertThat(server.get("/v1/policies/Service/default/a")).containsEntry("accepted", true);
    assertThat(status("/v1/policies/Service/default/b")).isEqualTo(404);
    assertThat(status("/v1/policies/Service//a")).isEqualTo(404);
  }

  @Test
  void lintSaysWhatIsWrongAndPutsNothingInForce() throws Exception {
    String document =
        "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {prots: [{port: 80}]}\n";
    HttpResponse<String> answer =
        server
            .client()
            .send(
                HttpRequest.newBuilder(server.uri().resolve("/v1/lint?file=x.yaml"))
                    .header("Authorization", "Bearer " + server.operatorToken())
                    .POST(BodyPublishers.ofString(document))
                    .build(),
                HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"file\":\"x.yaml\"", "\"line\":4", "ports");
    assertThat(list(server.get("/v1/policies"), "documents")).isEmpty();
  }

  @Test
  void logRecordsOfAgentsCanBeAskedFor() throws Exception {
    TestAgent agent = TestAgent.enrolled(server, "pay");
    ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
    request
        .addResourceLogsBuilder()
        .addScopeLogsBuilder()
        .addLogRecords(record(9, "ready"))
        .addLogRecords(record(17, "no route to orders"));

    assertThat(
            agent
                .postBytes(
                    "/v1/logs",
                    request.build().toByteArray(),
                    "Content-Type",
                    "application/x-protobuf")
                .statusCode())
        .isEqualTo(200);

    assertThat(names(server.get("/v1/logs"), "records", "body"))
        .containsExactly("no route to orders", "ready");
    assertThat(names(server.get("/v1/logs?severity=17"), "records", "body"))
        .containsExactly("no route to orders");
    assertThat(list(server.get("/v1/logs?traceId=" + "01".repeat(16)), "records")).hasSize(2);
    assertThat(list(server.get("/v1/logs?service=orders"), "records")).isEmpty();
    assertThat(names(server.get("/v1/logs?service=pay&limit=1"), "records", "spiffeId"))
        .containsExactly("spiffe://cluster.local/ns/default/sa/pay");
    assertThat(status("/v1/logs?severity=high")).isEqualTo(400);
  }

  private static LogRecord record(int severity, String body) {
    byte[] trace = new byte[16];
    Arrays.fill(trace, (byte) 1);
    return LogRecord.newBuilder()
        .setTimeUnixNano(1)
        .setSeverityNumberValue(severity)
        .setTraceId(ByteString.copyFrom(trace))
        .setBody(AnyValue.newBuilder().setStringValue(body))
        .build();
  }
}
