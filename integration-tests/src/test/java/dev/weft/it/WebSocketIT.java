package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Answer;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets between two workloads of a mesh without plaintext: one decision, at the handshake. */
@OnEachJdk
class WebSocketIT {
  @Parameter private Jdk jdk;

  private static TestMesh mesh;
  private static Client caller;
  private static Client intruder;

  @BeforeParameterizedClassInvocation
  static void start(Jdk jdk) throws IOException, InterruptedException {
    Map<String, String> documents = new TreeMap<>(Documents.strict("tomcat10", "tomcat11"));
    for (String service : List.of("tomcat10", "tomcat11")) {
      documents.put(service + "-access.yaml", lets(service, "/chat"));
    }
    mesh = TestMesh.start("web-sockets", jdk, documents);
    mesh.serve(
        Program.of("tomcat10", List.of("-cp", Built.programsWithWebSockets(), "app.TomcatChat")));
    mesh.serve(
        Program.of("tomcat11", List.of("-cp", Built.programsWithTomcat11(), "app.TomcatChat")));
    caller = mesh.call(TestMesh.probe("caller", "sync"));
    intruder = mesh.call(TestMesh.probe("intruder", "sync"));
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    mesh.close();
  }

  /** Lets the caller ask for one path, and nobody for anything else. */
  private static String lets(String service, String path) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: %s-access}
    spec:
      selector: {matchLabels: {app: %s}}
      action: ALLOW
      rules:
      - from: [{source: {principals: ["cluster.local/ns/default/sa/caller"]}}]
        to: [{operation: {methods: [GET], paths: ["%s"]}}]
    """
        .formatted(service, service, path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tomcat10", "tomcat11"})
  void accessPolicyDecidesTheHandshakeAndNotTheMessages(String server) throws Exception {
    String chat = "ws://" + server + "/chat";
    String staff = "ws://" + server + "/staff";
    TestMesh.eventually(
        () -> assertThat(caller.get(chat, "say=hello").body()).endsWith("chat hello"));

    refused(caller.get(staff, "say=hello"), server);
    refused(intruder.get(chat, "say=hello"), server);

    // The path becomes another one; what is open is no request that could be refused.
    Files.writeString(
        mesh.local().policy().resolve(server + "-access.yaml"), lets(server, "/staff"));
    TestMesh.eventually(() -> refused(caller.get(chat, "say=hello", "anew"), server));
    Answer still = caller.get(chat, "say=still");
    assertThat(still.body()).endsWith("chat still");
    assertThat(caller.get(staff, "say=hello").body()).endsWith("staff hello");
  }

  private static void refused(Answer answer, String server) {
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.reason())
        .isEqualTo("UAEX; AuthorizationPolicy default/" + server + "-access");
  }
}
