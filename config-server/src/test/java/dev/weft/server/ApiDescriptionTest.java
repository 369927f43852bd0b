package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.weft.server.http.Route;
import dev.weft.server.http.Timing;
import dev.weft.server.limit.ConnectionLimit;
import dev.weft.server.limit.Limits;
import dev.weft.server.limit.Quota;
import dev.weft.server.limit.Traffic;
import dev.weft.server.operator.Role;
import dev.weft.server.protocol.Json;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OpenAPI description says what the server does, all of it, and nothing else. */
class ApiDescriptionTest {
  private static final String PROTOBUF = "application/x-protobuf";

  private TestServer server;
  private DescribedApi api;
  private ApiCaller as;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    Timing quick = TestServer.QUICK;
    server =
        TestServer.in(
            folder,
            quick,
            Duration.ofSeconds(15),
            new Limits(
                Map.of(Traffic.CHANGE, new Quota(0.001, 12, 32, 1 << 20)),
                ConnectionLimit.usual()));
    api = new DescribedApi(server.get("/v1/openapi.json"));
    as = new ApiCaller(server, api);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void everyRouteIsDescribedAndNothingElse() {
    Map<String, String> served = new TreeMap<>();
    Map<String, String> described = new TreeMap<>();
    for (Route route : server.routes().all()) {
      served.put(route.method() + " " + route.path(), terms(route));
    }
    api.operations()
        .forEach(
            (operation, terms) ->
                described.put(
                    operation,
                    terms.get("security")
                        + " "
                        + terms.get("x-weft-traffic")
                        + " "
                        + terms.get("x-weft-max-body")));

    assertThat(described).isEqualTo(served);
  }

  private static String terms(Route route) {
    String security =
        switch (route.caller()) {
          case ANYONE -> "[]";
          case AGENT -> "[{svid=[]}]";
          case VIEWER -> "[{operatorToken=[viewer]}]";
          case OPERATOR -> "[{operatorToken=[operator]}]";
        };
    return security + " " + route.traffic().title() + " " + route.maxBody();
  }

  @Test
  void everyOperationDescribesTheErrorsThatItsCallerCanMeet() {
    for (Route route : server.routes().all()) {
      String operation = route.method() + " " + route.path();
      assertThat(api.statuses(operation)).as(operation).containsAll(general(route));
    }
  }

  /** What every route of its kind may answer. */
  private static Set<String> general(Route route) {
    Set<String> statuses = new TreeSet<>(List.of("200", "400", "408", "413", "429", "500", "503"));
    switch (route.caller()) {
      case ANYONE -> {}
      case AGENT, VIEWER -> statuses.add("401");
      case OPERATOR -> statuses.addAll(List.of("401", "403"));
    }
    return statuses;
  }

  @Test
  void everyAnswerIsOneThatTheDescriptionHas() throws Exception {
    callEverything();

    Map<String, Set<String>> unseen = new TreeMap<>();
    for (Route route : server.routes().all()) {
      String operation = route.method() + " " + route.path();
      assertThat(api.seen()).as(operation).containsKey(operation);
      assertThat(api.seen().get(operation)).as(operation).contains("200");
      Set<String> special = new TreeSet<>(api.statuses(operation));
      special.removeAll(general(route));
      special.removeAll(api.seen().get(operation));
      if (!special.isEmpty()) {
        unseen.put(operation, special);
      }
    }
    assertThat(unseen).as("described, and never answered").isEmpty();
  }

  @Test
  void noSecretIsEverLogged() throws Exception {
    callEverything();
    String query = "/v1/status?token=";
    as.dashboard(query + "not-the-secret");
    as.dashboard(query + server.operatorToken());

    assertThat(as.secrets()).hasSizeGreaterThan(5);
    for (String secret : as.secrets()) {
      assertThat(server.log()).noneMatch(line -> line.contains(secret));
    }
    assertThat(server.log())
        .noneMatch(line -> line.contains("PRIVATE KEY"))
        .noneMatch(line -> line.contains("not-the-secret"));
  }

  private void callEverything() throws Exception {
    documents();
    agents();
    operatorsRead();
    operatorsChange();
    refusals();
  }

  private void documents() throws Exception {
    server.write(
        "pay.yaml",
        """
        apiVersion: v1
        kind: Service
        metadata: {name: pay, namespace: default}
        spec: {selector: {app: pay}, ports: [{name: http, port: 80, targetPort: 8080}]}
        ---
        apiVersion: weft.dev/v1alpha1
        kind: MeshConfig
        metadata: {name: mesh}
        spec: {nonsense: 1}
        """);
  }

  private void agents() throws Exception {
    KeyPair key = TestAgent.ecKey("secp256r1");
    String token = server.token("pay", 5);
    as.secrets().add(secret(token));
    Map<String, Object> enroll =
        Map.of("token", token, "csr", TestAgent.csr(key), "workload", Map.of("service", "pay"));
    api.checkRequest("POST /v1/enroll", Json.text(enroll));
    TestAgent.Reply enrolled =
        new TestAgent.Reply(200, Json.object(as.nobody("POST", "/v1/enroll", enroll).body()));
    TestAgent agent = TestAgent.with(server, key, enrolled);
    Map<String, Object> renew = Map.of("csr", TestAgent.csr(TestAgent.ecKey("secp256r1")));
    api.checkRequest("POST /v1/renew", Json.text(renew));
    as.agent(agent, "/v1/renew", renew);
    as.agent(
        agent,
        "/v1/renew",
        Map.of("csr", TestAgent.csr(key, "spiffe://cluster.local/ns/default/sa/boss"))); // 403

    Map<String, Object> watch = agent.watchBody("pay", agent.instance(), "", List.of(8080));
    api.checkRequest("POST /v1/watch", Json.text(watch));
    as.watch(agent, watch, 2);
    Map<String, Object> changes = new LinkedHashMap<>(watch);
    changes.putAll(
        Map.of(
            "protocol",
            2,
            "held",
            "",
            "want",
            List.of("shop/stock"),
            "policy",
            Map.of("epoch", "e", "generation", 1)));
    api.checkRequest("POST /v1/watch", Json.text(changes));
    as.watch(agent, changes, 2);
    as.agent(agent, "/v1/watch", agent.watchBody("boss", agent.instance(), "", List.of())); // 403
    TestAgent other = TestAgent.enrolled(server, "orders");
    try (TestAgent.Stream held = agent.watch("pay", 8080)) {
      held.next();
      as.agent(other, "/v1/watch", other.watchBody("orders", agent.instance(), "", List.of()));
      Map<String, Object> report =
          Map.of(
              "instance", agent.instance().toString(),
              "acked", "x",
              "listening", List.of(8080),
              "protocols", Map.of("8080", "http"),
              "readiness", "ready",
              "unreachable", List.of("10.0.0.1:8080"),
              "status", Map.of("connections", List.of()));
      api.checkRequest("POST /v1/report", Json.text(report));
      as.agent(agent, "/v1/report", report);
      as.agent(other, "/v1/report", Map.of("instance", other.instance().toString())); // 404
      Map<String, Object> want =
          Map.of("instance", agent.instance().toString(), "services", List.of("shop/stock"));
      api.checkRequest("POST /v1/want", Json.text(want));
      as.agent(agent, "/v1/want", want);
      as.agent(other, "/v1/want", want); // 409
      as.agent(
          other,
          "/v1/want",
          Map.of("instance", other.instance().toString(), "services", List.of())); // 404

      Otlp sample = new Otlp();
      as.export(agent, "/v1/traces", sample.traces(), PROTOBUF);
      as.export(agent, "/v1/metrics", sample.metrics(), PROTOBUF);
      as.export(agent, "/v1/logs", sample.logs(), PROTOBUF);
      for (String path : List.of("/v1/traces", "/v1/metrics", "/v1/logs")) {
        as.export(agent, path, new byte[] {1, 2, 3}, PROTOBUF); // 400
        as.export(agent, path, new byte[0], "application/json"); // 415
      }
      as.operator("GET", "/v1/status");
      as.operator("GET", "/v1/workloads");
      as.operator("GET", "/v1/connections");
      as.operator("GET", "/v1/services");
      as.operator("GET", "/v1/certificates");
      as.operator("GET", "/v1/explain", "?from=orders&to=pay");
      as.operator("GET", "/v1/explain", "?from=orders&to=pay&about=connection");

      Map<String, Object> drain = Map.of("instance", agent.instance().toString());
      api.checkRequest("POST /v1/drain", Json.text(drain));
      as.agent(other, "/v1/drain", drain); // 409
      as.agent(other, "/v1/drain", Map.of("instance", other.instance().toString())); // 404
      as.agent(agent, "/v1/drain", drain);
    }
  }

  private void operatorsRead() throws Exception {
    as.nobody("GET", "/healthz", null);
    as.nobody("GET", "/readyz", null);
    as.operator("GET", "/metrics");
    as.operator("GET", "/v1/traces");
    as.operatorAt("GET /v1/traces/{traceId}", "/v1/traces/" + "0".repeat(32), null);
    as.operatorAt("GET /v1/traces/{traceId}", "/v1/traces/1", null); // 404
    as.operator("GET", "/v1/metrics/names");
    as.operator("GET", "/v1/metrics/query", "?name=istio_requests_total");
    as.operator("GET", "/v1/metrics/query"); // 400
    as.operator("GET", "/v1/logs");
    as.operator("GET", "/v1/policies");
    as.operatorAt("POST /v1/policies/reload", "/v1/policies/reload", "");
    as.operatorAt(
        "GET /v1/policies/{kind}/{namespace}/{name}", "/v1/policies/Service/default/pay", null);
    as.operatorAt("GET /v1/policies/{kind}/{namespace}/{name}", "/v1/policies/A/-/b", null); // 404
    as.operatorAt("POST /v1/lint", "/v1/lint", "kind: Nothing\nspec: 1\n");
    as.operator("GET", "/v1/lint");
    Map<String, Object> diff =
        Map.of("files", List.of(Map.of("name", "a.yaml", "text", "kind: Nothing\n")));
    api.checkRequest("POST /v1/diff", Json.text(diff));
    as.operatorAt("POST /v1/diff", "/v1/diff", Json.text(diff));
    as.operator("GET", "/v1/schemas");
    as.operatorAt("GET /v1/schemas/{kind}", "/v1/schemas/ServiceAccount", null);
    as.operatorAt("GET /v1/schemas/{kind}", "/v1/schemas/..%2Fsecrets", null); // 404
    as.operator("GET", "/v1/openapi.json");
  }

  private void operatorsChange() throws Exception {
    Map<String, Object> join = Map.of("service", "pay", "ttl", "10m", "uses", 2);
    api.checkRequest("POST /v1/tokens", Json.text(join));
    HttpResponse<byte[]> made = as.operatorAt("POST /v1/tokens", "/v1/tokens", Json.text(join));
    as.secrets().add(secret(as.part(made, "token")));
    String id = as.part(made, "id");
    as.operator("GET", "/v1/tokens");
    as.operatorAt("DELETE /v1/tokens/{id}", "/v1/tokens/" + id, null);
    as.operatorAt("DELETE /v1/tokens/{id}", "/v1/tokens/none", null); // 404
    Map<String, Object> order = Map.of("name", "ci", "role", "viewer", "ttl", "30d");
    api.checkRequest("POST /v1/operators", Json.text(order));
    made = as.operatorAt("POST /v1/operators", "/v1/operators", Json.text(order));
    as.secrets().add(secret(as.part(made, "token")));
    as.operatorAt("POST /v1/operators", "/v1/operators", Json.text(order)); // 409
    as.operatorAt("POST /v1/operators", "/v1/operators", "{\"name\":\"Bad Name\"}"); // 400
    as.operator("GET", "/v1/operators");
    as.operatorAt("DELETE /v1/operators/{id}", "/v1/operators/ci", null);
    as.operatorAt("DELETE /v1/operators/{id}", "/v1/operators/ci", null); // 404
  }

  private void refusals() throws Exception {
    String csr = TestAgent.csr(TestAgent.ecKey("secp256r1"));
    Map<String, Object> boss = Map.of("service", "boss");
    as.nobody("POST", "/v1/enroll", Map.of("token", "bad", "csr", csr, "workload", boss)); // 401
    as.nobody("POST", "/v1/enroll", Map.of("token", "bad", "csr", csr, "workload", boss)); // 429
    server.clock().advance(Duration.ofSeconds(2));
    String token = server.token("pay", 1);
    as.nobody("POST", "/v1/enroll", Map.of("token", token, "csr", csr, "workload", boss)); // 403
    as.secrets().add(secret(token));
    String viewer = server.operatorToken("reader", Role.VIEWER);
    as.secrets().add(secret(viewer));
    as.secrets().add(server.operatorToken());
    for (Route route : server.routes().all()) {
      switch (route.caller()) {
        case ANYONE -> {}
        case AGENT, VIEWER -> as.with(route, ""); // 401
        case OPERATOR -> {
          as.with(route, "");
          as.with(route, viewer); // 403
        }
      }
    }
    for (int i = 0; i < 12; i++) {
      as.operatorAt("DELETE /v1/tokens/{id}", "/v1/tokens/none", null); // 404, then 429
    }
    assertThat(api.seen().get("DELETE /v1/tokens/{id}"))
        .containsExactly("200", "401", "403", "404", "429");
  }

  /** Tokens are {@code kind.id.secret} and perhaps more. */
  private static String secret(String token) {
    return token.split("\\.")[2];
  }

  /** One of each kind of telemetry. */
  private static final class Otlp {
    byte[] traces() {
      ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
      request
          .addResourceSpansBuilder()
          .addScopeSpansBuilder()
          .addSpansBuilder()
          .setTraceId(ByteString.copyFrom(new byte[16]))
          .setName("GET /");
      return request.build().toByteArray();
    }

    byte[] metrics() {
      ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
      request
          .addResourceMetricsBuilder()
          .addScopeMetricsBuilder()
          .addMetricsBuilder()
          .setName("istio_requests_total")
          .getSumBuilder()
          .addDataPointsBuilder()
          .setAsInt(1);
      return request.build().toByteArray();
    }

    byte[] logs() {
      ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
      request
          .addResourceLogsBuilder()
          .addScopeLogsBuilder()
          .addLogRecordsBuilder()
          .setSeverityNumberValue(9)
          .getBodyBuilder()
          .setStringValue("ready");
      return request.build().toByteArray();
    }
  }
}
