package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.Program;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Services of another namespace, of which an agent has only the names until it asks. */
@OnEachJdk
class ScopeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Jdk jdk;

  ScopeIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void theFirstCallOfAServiceElsewhereSucceedsInEitherLayer() throws Exception {
    Map<String, String> documents =
        Documents.with(Documents.strict("echo"), "greet.yaml", Documents.GREET);
    try (TestMesh mesh = TestMesh.start("scope", jdk, documents)) {
      mesh.serve(TestMesh.server("echo", "app.Echo"));
      mesh.serve(TestMesh.server("greet", "app.Greeter").with(Map.of("NAME", "greet-a")));
      TestMesh.eventually(
          () ->
              assertThat(mesh.local().api().get("/v1/services").findValues("address")).hasSize(2));

      Client requests = TestMesh.ready(elsewhere(mesh, TestMesh.probe("requests", "sync")));
      Talk connections = new Talk(elsewhere(mesh, TestMesh.server("connections", "app.Caller")));
      connections.program().awaitLine("ready", PATIENCE);

      assertThat(requests.get("http://echo.default/").status()).isEqualTo(200);
      assertThat(connections.ask("call socket greet.default 7 1")).contains("{greet-a=1}");
    }
  }

  /** A program of the namespace {@code shop}. */
  private static Child elsewhere(TestMesh mesh, Program program) throws Exception {
    LocalMesh local = mesh.local();
    List<String> create = new ArrayList<>(List.of("token", "create"));
    create.addAll(List.of("--state", local.state().toString(), "--namespace", "shop"));
    create.addAll(List.of("--service", program.service()));
    create.addAll(List.of("--service-account", program.account()));
    Child cli = Child.start("token-" + program.name(), local.cli(create), local.logs());
    String token = "weft1." + cli.awaitLine("weft1.", PATIENCE);
    return local.run(program, token, Map.of("WEFT_NAMESPACE", "shop"));
  }
}
