package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Answer;
import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Load;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** An agent asks its own application how it is, where nobody else may. */
@OnEachJdk
class HealthIT {
  private final Jdk jdk;

  HealthIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void whoIsNotWellGetsNoRequestsUntilItIs() throws Exception {
    Map<String, String> documents =
        Documents.with(
            Documents.strict("echo"), "access.yaml", Documents.onlyFrom("caller", "echo"));
    try (TestMesh mesh = TestMesh.start("health", jdk, documents)) {
      Path well = Files.createFile(mesh.local().logs().resolve("well"));
      Child sick = checked(mesh, "echo-sick", mesh.local().logs().resolve("sick"));
      Child good = checked(mesh, "echo-well", well);
      Client caller = mesh.call(TestMesh.probe("caller", "sync"));
      TestMesh.eventually(() -> assertThat(services(mesh)).contains("FAILING", "\"ready\":true"));

      List<Answer> answers = Load.of(50, caller, "http://echo/", 4);
      assertThat(answers).allMatch(Answer::ok);

      Files.createFile(mesh.local().logs().resolve("sick"));
      TestMesh.eventually(() -> assertThat(services(mesh)).doesNotContain("FAILING"));
      Files.delete(well);
      TestMesh.eventually(() -> assertThat(services(mesh)).contains("FAILING"));
      assertThat(Load.of(50, caller, "http://echo/", 4)).allMatch(Answer::ok);

      assertThat(sick.stderr()).contains("health ok").doesNotContain("refused");
      assertThat(good.stderr()).contains("health failing", "status 503");
    }
  }

  private static Child checked(TestMesh mesh, String name, Path file) throws Exception {
    int port = FreePort.find();
    Map<String, String> environment = new TreeMap<>();
    environment.put("PORT", Integer.toString(port));
    environment.put("HEALTH", file.toString());
    environment.put("WEFT_HEALTH", "http://localhost:" + port + "/healthz");
    environment.put("WEFT_HEALTH_INTERVAL", "200ms");
    return mesh.serve(TestMesh.server("echo", "app.Echo").named(name).with(environment));
  }

  private static String services(TestMesh mesh) throws Exception {
    return mesh.local().api().get("/v1/services").toString();
  }
}
