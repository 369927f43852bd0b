package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Answer;
import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Load;
import dev.weft.server.demo.LocalMesh;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The orderly end of a program that others call. */
@OnEachJdk
class DrainIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SIGTERM = 143;
  private static final int ROUNDS = 3;

  /** Requests with a body: nobody repeats them once they are on their way. */
  private static final String POST = "size=1000";

  private final Jdk jdk;

  DrainIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void aRollingRestartUnderLoadFailsNoRequest() throws Exception {
    List<Answer> answers = rollingRestart("drain", Map.of());

    assertThat(answers).hasSizeGreaterThan(100).filteredOn(answer -> !answer.ok()).isEmpty();
  }

  @Test
  void withoutDrainingTheSameRestartCutsRequests() throws Exception {
    List<Answer> answers = rollingRestart("no-drain", Map.of("WEFT_DRAIN_TIMEOUT", "0s"));

    assertThat(answers).hasSizeGreaterThan(100).filteredOn(answer -> !answer.ok()).isNotEmpty();
  }

  /** Replaces one instance after the other, each new one first, while a client keeps calling. */
  private List<Answer> rollingRestart(String story, Map<String, String> settings) throws Exception {
    try (TestMesh mesh = TestMesh.start(story, jdk, Documents.strict("echo"))) {
      Deque<Child> running = new ArrayDeque<>();
      running.add(echo(mesh, "echo-a", settings));
      running.add(echo(mesh, "echo-b", settings));
      Client caller = mesh.call(TestMesh.probe("caller", "async"));
      TestMesh.eventually(() -> assertThat(caller.get("http://echo/").status()).isEqualTo(200));
      Load load = Load.start(caller, "http://echo/", 8, POST);
      load.awaitFurther(20);
      for (int i = 0; i < ROUNDS; i++) {
        Child next = echo(mesh, "echo-" + i, settings);
        TestMesh.eventually(
            () ->
                assertThat(mesh.local().api().get("/v1/services").toString()).contains(port(next)));
        running.add(next);
        load.awaitFurther(20);
        terminate(running.remove());
      }
      return load.stop();
    }
  }

  @Test
  void whoseConfigServerIsGoneDoesNotWaitForIt() throws Exception {
    try (TestMesh mesh = TestMesh.start("drain-alone", jdk, Documents.strict("echo"))) {
      Child echo = echo(mesh, "echo-a", Map.of());
      TestMesh.eventually(
          () -> assertThat(mesh.local().api().get("/v1/services").toString()).contains(port(echo)));
      mesh.local().killServer();

      long begin = System.nanoTime();
      terminate(echo);

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
      assertThat(echo.stderr()).contains("the config server was not told");
    }
  }

  @Test
  void whomNobodyCallsHasNothingToWaitFor() throws Exception {
    try (TestMesh mesh = TestMesh.start("drain-nothing", jdk, Documents.strict("echo"))) {
      Child caller = mesh.local().run(TestMesh.probe("caller", "sync"));
      caller.awaitLine("ready", PATIENCE);
      terminate(caller);

      assertThat(caller.stderr()).contains("policy applied").doesNotContain("drain");
    }
  }

  private static Child echo(TestMesh mesh, String name, Map<String, String> settings)
      throws Exception {
    Map<String, String> environment = new TreeMap<>(settings);
    environment.put("DELAY_MILLIS", "50");
    return mesh.serve(TestMesh.server("echo", "app.Echo").named(name).with(environment));
  }

  private static String port(Child echo) throws InterruptedException {
    return "\"port\":" + LocalMesh.address(echo).getPort();
  }

  private static void terminate(Child child) throws InterruptedException {
    ProcessHandle.of(child.pid()).orElseThrow().destroy();
    assertThat(child.awaitExit(PATIENCE)).as("exit code of %s", child.name()).isEqualTo(SIGTERM);
  }
}
