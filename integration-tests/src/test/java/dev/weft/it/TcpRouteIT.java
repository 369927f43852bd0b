package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** A port that only a route of connections binds leads whoever calls it to the same backends. */
@OnEachJdk
class TcpRouteIT {
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: db}
      spec: {selector: {app: db}, ports: [{name: tcp, port: 5432, targetPort: tcp}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: db-new}
      spec: {selector: {app: db-new}, ports: [{name: tcp, port: 5432, targetPort: tcp}]}
      """;

  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: TCPRoute
      metadata: {name: move}
      spec:
        parentRefs: [{group: "", kind: Service, name: db, port: 5432}]
        rules:
        - backendRefs: [{name: %s, port: 5432}]
      """;

  @Parameter private Jdk jdk;

  @Test
  void requestsAndBareSocketsGetTheSameBackend() throws Exception {
    try (TestMesh mesh =
        TestMesh.start(
            "tcp-route", jdk, Map.of("db.yaml", SERVICES, "security.yaml", Documents.STRICT))) {
      mesh.serve(TestMesh.server("db", "app.Echo").with(Map.of("NAME", "old")));
      mesh.serve(TestMesh.server("db-new", "app.Echo").with(Map.of("NAME", "new")));
      Child program =
          mesh.expectComplaints(mesh.local().run(TestMesh.server("call", "app.Caller")));
      Talk caller = new Talk(program);
      program.awaitLine("ready", Duration.ofSeconds(60));

      bothGet(caller, "{old=3}", "{old=3}");

      mesh.local().edit("route.yaml", nothing -> ROUTE.formatted("db-new"));
      bothGet(caller, "{new=3}", "{new=3}");

      // The share of a backend that is not there: an answer by the agent, a refused connection.
      mesh.local().edit("route.yaml", nothing -> ROUTE.formatted("gone"));
      bothGet(caller, "{status 500=3}", "{MeshHandshakeException=3}");

      mesh.local().edit("route.yaml", nothing -> ROUTE.formatted("db"));
      bothGet(caller, "{old=3}", "{old=3}");
    }
  }

  private static void bothGet(Talk caller, String byRequests, String bySockets) {
    TestMesh.eventually(() -> assertThat(caller.ask("call http db 5432 3")).contains(byRequests));
    TestMesh.eventually(() -> assertThat(caller.ask("call raw db 5432 3")).contains(bySockets));
  }
}
