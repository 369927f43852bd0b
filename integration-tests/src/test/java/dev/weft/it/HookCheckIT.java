package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Answer;
import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Program;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A version of a library that lacks what its hook needs costs that hook, where this version is
 * loaded, and nothing else. OkHttp 4.4.0 has no {@code ExchangeFinder.sameHostAndPort}.
 */
@OnEachJdk
class HookCheckIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String ECHO = "http://echo/";

  /** Whose requests go through the request layer are failed by it. */
  private static final String FAULT =
      """
      apiVersion: weft.dev/v1alpha1
      kind: FaultPolicy
      metadata: {name: fail-echo, namespace: default}
      spec:
        targetRefs: [{kind: Service, name: echo}]
        abort: {percent: 100, httpStatus: 418}
      """;

  private final Jdk jdk;

  HookCheckIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void aLibraryWithoutAMemberRunsOnWithoutItsHookAndIsNamed() throws Exception {
    Map<String, String> documents = Documents.with(Documents.strict("echo"), "fault.yaml", FAULT);
    try (TestMesh mesh = TestMesh.start("hook-check", jdk, documents)) {
      mesh.serve(TestMesh.server("echo", "app.Echo"));
      Child child = mesh.expectComplaints(mesh.local().run(versions()));
      Client client = TestMesh.ready(child);

      TestMesh.eventually(() -> assertThat(failed(client.get(ECHO))).isTrue());
      assertThat(failed(client.get(ECHO, "by=fitting"))).isTrue();
      Answer unhooked = client.get(ECHO, "by=old");
      assertThat(unhooked.status()).isEqualTo(200);
      assertThat(unhooked.body()).isEqualTo("hello");
      assertThat(failed(client.get(ECHO, "by=fitting"))).isTrue();
      assertThat(failed(client.get(ECHO))).isTrue();

      assertThat(child.stderr().lines().filter(line -> line.contains("hook off")))
          .singleElement()
          .asString()
          .contains("WARN", "name=okhttp", "okhttp-4.4.0.jar", "sameHostAndPort");
      TestMesh.eventually(
          () ->
              assertThat(status(mesh))
                  .containsPattern(
                      "has hook okhttp off: okhttp-4.4.0.jar: .*ExchangeFinder.*sameHostAndPort"));
    }
  }

  private static boolean failed(Answer answer) {
    return answer.status() == 418 && answer.reason().startsWith("FI");
  }

  private static Program versions() {
    return Program.of(
        "versions",
        List.of(
            "-cp",
            Built.programs(),
            "app.Versions",
            "old=" + Built.clients().resolve("okhttp4-too-old"),
            "fitting=" + Built.clients().resolve("okhttp4-newest")));
  }

  private static String status(TestMesh mesh) throws IOException, InterruptedException {
    Child child =
        Child.start(
            "cli-status-" + System.nanoTime(),
            mesh.local().cli(List.of("status", "--state", mesh.local().state().toString())),
            mesh.local().logs());
    assertThat(child.awaitExit(PATIENCE)).isZero();
    return String.join("\n", child.stdout());
  }
}
