package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What policy says of connections holds for protocols that no adapter knows, also for open ones.
 */
@OnEachJdk
class ConnectionPolicyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String LOGGED =
      """
      apiVersion: weft.dev/v1alpha1
      kind: MeshConfig
      metadata: {name: mesh}
      spec: {accessLog: {enabled: true, format: json}}
      """;

  private final Jdk jdk;
  private TestMesh mesh;
  private Child greeter;
  private Talk caller;

  /** Of the same machine, and not of the mesh. */
  private Talk stranger;

  ConnectionPolicyIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @BeforeEach
  void start() throws Exception {
    mesh =
        TestMesh.start(
            "connection-policy",
            jdk,
            Map.of("greet.yaml", Documents.GREET, "security.yaml", mode("DISABLE", "")));
    Path keys = SelfSigned.keyStore(jdk, "page", mesh.local().state().resolve("page.p12"));
    greeter =
        mesh.expectComplaints(
            mesh.serve(
                TestMesh.server("greet", "app.Greeter")
                    .with(Map.of("NAME", "greeter", "KEYSTORE", keys.toString()))));
    Program page =
        TestMesh.server("page", "app.SecurePage")
            .with(Map.of("NAME", "page", "KEYSTORE", keys.toString()));
    mesh.serve(page);
    caller =
        new Talk(mesh.expectComplaints(mesh.local().run(TestMesh.server("call", "app.Caller"))));
    stranger =
        new Talk(
            Child.start(
                "stranger",
                mesh.local().java(List.of("-cp", Built.programs(), "app.Caller")),
                mesh.local().logs()));
    caller.program().awaitLine("ready", PATIENCE);
    stranger.program().awaitLine("ready", PATIENCE);
    TestMesh.eventually(
        () -> assertThat(caller.ask("call socket greet 7 1")).contains("{greeter=1}"));
  }

  @AfterEach
  void stop() {
    stranger.program().close();
    mesh.close();
  }

  @Test
  void levelsLimitsAndRevocationsHoldForOpenConnectionsToo() throws Exception {
    // DISABLE: nobody has TLS, everybody is heard.
    int port = LocalMesh.address(greeter).getPort();
    String here = "127.0.0.1 " + port;
    assertThat(stranger.ask("open " + here)).isEqualTo("opened to greeter");
    assertThat(caller.ask("open greet 7")).isEqualTo("opened to greeter");

    // The port alone becomes STRICT: what was plaintext ends, strangers are out.
    policy("security.yaml", mode("PERMISSIVE", "  portLevelMtls: {" + port + ": {mode: STRICT}}"));
    TestMesh.eventually(() -> assertThat(stranger.ask("say hello")).startsWith("said to 0 of 1"));
    TestMesh.eventually(() -> assertThat(caller.ask("say hello")).startsWith("said to 0 of 1"));
    assertThat(stranger.ask("call socket " + here + " 1")).doesNotContain("greeter");
    TestMesh.eventually(
        () -> assertThat(caller.ask("call socket greet 7 3")).contains("{greeter=3}"));

    // The workload is PERMISSIVE: strangers hear a server that speaks first, and upgrade.
    policy("security.yaml", mode("PERMISSIVE", ""));
    TestMesh.eventually(
        () -> assertThat(stranger.ask("call starttls " + here + " 1")).contains("{greeter=1}"));
    assertThat(caller.ask("call starttls greet 7 3")).contains("{greeter=3}");
    assertThat(caller.ask("call https page 443 1")).contains("MeshHandshakeException");
    assertThat(caller.ask("call https page 80 3")).contains("{page=3}");

    // STRICT for the namespace; a revoked identity loses what it has open, and gets nothing new.
    policy("security.yaml", Documents.STRICT);
    TestMesh.eventually(() -> assertThat(caller.ask("open greet 7")).contains("greeter"));
    assertThat(caller.ask("say hello")).startsWith("said to 1 of");
    policy(
        "mesh.yaml",
        LOGGED
            .replace("spec: {", "spec: {mtls: {revokedIdentities: [ID]}, ")
            .replace("ID", "cluster.local/ns/default/sa/call"));
    TestMesh.eventually(() -> assertThat(caller.ask("say hello")).startsWith("said to 0 of"));
    assertThat(caller.ask("call socket greet 7 1")).doesNotContain("greeter");
    policy("mesh.yaml", LOGGED);
    TestMesh.eventually(
        () -> assertThat(caller.ask("call socket greet 7 1")).contains("{greeter=1}"));

    // One connection at a time; what is open counts.
    assertThat(caller.ask("open greet 7")).contains("greeter");
    policy(
        "limit.yaml",
        """
        apiVersion: weft.dev/v1alpha1
        kind: RateLimitPolicy
        metadata: {name: one}
        spec:
          targetRefs: [{kind: Service, name: greet}]
          connections: {max: 1}
        """);
    TestMesh.eventually(
        () -> assertThat(caller.ask("call socket greet 7 1")).doesNotContain("greeter"));

    theLogAndTheMetricsTellIt();
  }

  private void theLogAndTheMetricsTellIt() {
    TestMesh.eventually(
        () ->
            assertThat(greeter.stderr().lines())
                .anyMatch(
                    line ->
                        line.startsWith("{\"start_time\":")
                            && line.contains("\"response_flags\":\"UAEX\"")
                            && line.contains("is revoked by rule"))
                .anyMatch(
                    line ->
                        line.contains("\"response_flags\":\"UO\"")
                            && line.contains("refused by rule RateLimitPolicy default/one"))
                .anyMatch(
                    line ->
                        line.startsWith("{\"start_time\":")
                            && line.contains("\"bytes_received\":5,\"bytes_sent\":13,")));
    for (String reporter : List.of("source", "destination")) {
      TestMesh.eventually(
          () ->
              assertThat(
                      mesh.local()
                          .api()
                          .get("/v1/metrics/query?name=istio_tcp_received_bytes_total")
                          .path("series"))
                  .anySatisfy(
                      series -> {
                        var labels = series.path("labels");
                        assertThat(labels.path("reporter").asString("")).isEqualTo(reporter);
                        assertThat(labels.path("source_principal").asString(""))
                            .endsWith("/sa/call");
                        assertThat(labels.path("destination_principal").asString(""))
                            .endsWith("/sa/greet");
                      }));
    }
  }

  private void policy(String file, String text) throws IOException {
    Files.writeString(mesh.local().policy().resolve(file), text);
  }

  /** A mode for the workloads of {@code greet}. */
  private static String mode(String mode, String more) {
    Map<String, String> parts = new TreeMap<>(Map.of("MODE", mode, "MORE", more));
    String text =
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata:
          name: greet
        spec:
          selector: {matchLabels: {app: greet}}
          mtls: {mode: MODE}
        MORE
        """;
    for (Map.Entry<String, String> part : parts.entrySet()) {
      text = text.replace(part.getKey(), part.getValue());
    }
    return text;
  }
}
