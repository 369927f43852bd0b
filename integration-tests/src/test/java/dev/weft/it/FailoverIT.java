package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Program;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Of a service's endpoints one refuses connections, one never answers, one serves: every kind of
 * socket gets a connection, and the dead ones are left alone for a while.
 */
@OnEachJdk
class FailoverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private final Jdk jdk;

  FailoverIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void aConnectGoesToAnEndpointThatAnswers() throws Exception {
    try (TestMesh mesh =
        TestMesh.start(
            "failover",
            jdk,
            Map.of("greet.yaml", Documents.GREET, "security.yaml", Documents.STRICT))) {
      mesh.serve(greeter("serving", Map.of()));
      // Nobody listens at 127.0.0.9.
      mesh.serve(greeter("refusing", Map.of("WEFT_ADDRESS", "127.0.0.9")));
      mesh.serve(greeter("deaf", Map.of("DEAF", "yes")));
      Child caller = mesh.local().run(TestMesh.server("caller", "app.Caller"));
      caller.awaitLine("ready", PATIENCE);
      TestMesh.eventually(
          () ->
              assertThat(mesh.local().api().get("/v1/services").findValues("address")).hasSize(3));

      // Whatever the caller has not heard of yet, it fails over from what it knows.
      for (String kind :
          List.of("socket", "timed", "channel", "adaptor", "selector", "asynchronous")) {
        assertThat(new Talk(caller).ask("call " + kind + " greet 7 20"))
            .startsWith("called " + kind + " {serving=20}");
      }
    }
  }

  private static Program greeter(String name, Map<String, String> more) {
    Map<String, String> environment = new TreeMap<>(more);
    environment.put("NAME", name);
    return TestMesh.server("greet", "app.Greeter").named(name).with(environment);
  }
}
