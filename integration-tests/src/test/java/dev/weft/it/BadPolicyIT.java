package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A broken document is reported with its place, and its last good version stays in force. */
@OnEachJdk
class BadPolicyIT {
  @Parameter private Jdk jdk;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String FILE = "access.yaml";
  private static final String GOOD = Documents.onlyFrom("friend", "echo");

  private static TestMesh mesh;
  private static Client friend;
  private static Client stranger;

  @BeforeParameterizedClassInvocation
  static void start(Jdk jdk) throws IOException, InterruptedException {
    mesh = TestMesh.start("bad-policy", jdk, Documents.with(Documents.strict("echo"), FILE, GOOD));
    mesh.expectComplaints(mesh.local().server());
    mesh.serve(TestMesh.server("echo", "app.Echo"));
    friend = mesh.call(TestMesh.probe("friend", "sync"));
    stranger = mesh.call(TestMesh.probe("stranger", "sync"));
    TestMesh.eventually(BadPolicyIT::onlyTheFriendPasses);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    mesh.close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a syntax error   | principals: [         | principals: [[
          an unknown field | action: ALLOW         | actoin: ALLOW
          an unknown value | action: ALLOW         | action: PERHAPS
          """)
  void staysInForceAsItWas(String what, String good, String bad) throws Exception {
    mesh.local().edit(FILE, text -> GOOD.replace(good.strip(), bad.strip()));
    try {
      TestMesh.eventually(() -> assertThat(diagnostics()).contains(FILE));
      assertThat(cli("status").text()).containsPattern(FILE + ":\\d+:\\d+");
      onlyTheFriendPasses();
      Run lint = cliOn("lint");
      assertThat(lint.exit()).isEqualTo(1);
      assertThat(lint.text()).containsPattern(FILE + ":\\d+:\\d+ \\S+ .+");
    } finally {
      mesh.local().edit(FILE, text -> GOOD);
    }
    TestMesh.eventually(() -> assertThat(diagnostics()).doesNotContain(FILE));
    assertThat(cli("status").text()).doesNotContainPattern(FILE + ":\\d+:\\d+");
    assertThat(cliOn("lint").exit()).isZero();
  }

  @Test
  void aDeadReferenceIsReportedWithItsPlace() throws Exception {
    String route =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata:
          name: to-nowhere
        spec:
          parentRefs:
            - {group: "", kind: Service, name: echo}
          rules:
            - matches:
                - path: {type: PathPrefix, value: /nowhere}
              backendRefs:
                - {name: nobody, port: 80}
            - backendRefs:
                - {name: echo, port: 80}
        """;
    mesh.local().edit("dead.yaml", text -> route);

    TestMesh.eventually(() -> assertThat(diagnostics()).contains("dead.yaml"));
    assertThat(cli("status").text()).containsPattern("dead.yaml:\\d+:\\d+.*nobody");
    assertThat(cliOn("lint").text()).containsPattern("dead.yaml:\\d+:\\d+ \\S+ .*nobody");
    onlyTheFriendPasses();
  }

  private static void onlyTheFriendPasses() throws IOException, InterruptedException {
    assertThat(friend.get("http://echo/").status()).isEqualTo(200);
    assertThat(stranger.get("http://echo/").status()).isEqualTo(403);
  }

  private record Run(int exit, String text) {}

  private Run cliOn(String command) throws IOException, InterruptedException {
    return run(command, mesh.local().policy().toString());
  }

  /** What the command {@code status} asks for, without a JVM for each look. */
  private static String diagnostics() throws IOException, InterruptedException {
    return mesh.local().api().get("/v1/status").path("policy").path("diagnostics").toString();
  }

  private Run cli(String command) throws IOException, InterruptedException {
    return run(command, "--state", mesh.local().state().toString());
  }

  private Run run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(Arrays.asList(arguments));
    Child child =
        Child.start(
            "cli-" + arguments[0] + "-" + System.nanoTime(),
            mesh.local().cli(command),
            mesh.local().logs());
    int exit = child.awaitExit(PATIENCE);
    return new Run(exit, String.join("\n", child.stdout()) + "\n" + child.stderr());
  }
}
