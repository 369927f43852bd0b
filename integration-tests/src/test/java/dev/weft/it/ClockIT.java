package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Answer;
import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Load;
import dev.weft.server.demo.Program;
import dev.weft.server.demo.Tally;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Somebody sets the clock of a running JVM: NTP, an operator, a machine that slept. Its monotonic
 * time goes on.
 */
@OnEachJdk
@Execution(ExecutionMode.CONCURRENT)
class ClockIT {
  private static final String ACCESS = "access.yaml";
  private static final Duration DAYS = Duration.ofDays(3);

  private final Jdk jdk;

  ClockIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void aServersClockThatJumpsStopsNobodyLosesNothingAndIsSaid() throws Exception {
    try (TestMesh mesh =
        TestMesh.withoutServer("server-clock", jdk, onlyTheCaller(), "--svid-ttl", "40s")) {
      JvmClock clock = JvmClock.in(mesh.local().logs(), "server");
      mesh.local().startServerBy(List.of("env", "JAVA_TOOL_OPTIONS=" + clock.option()));
      Child server = mesh.local().server();
      Child echo = mesh.serve(TestMesh.server("echo", "app.Echo"));
      Child caller = mesh.local().run(TestMesh.probe("caller", "async"));
      Client client = TestMesh.ready(caller);
      Client other = mesh.call(TestMesh.probe("other", "sync"));
      TestMesh.eventually(() -> assertThat(client.get("http://echo/").status()).isEqualTo(200));
      assertThat(other.get("http://echo/").status()).isEqualTo(403);
      Load load = TestMesh.keepCalling(client, "http://echo/", 4);
      load.awaitFurther(50);

      // By this time every certificate in the mesh is over, and policy goes out all the same.
      clock.set(DAYS);
      said(server, "clock jumped forward by=PT72H");
      mesh.local().edit(ACCESS, text -> text + "---\n" + Documents.onlyFrom("other", "echo"));
      TestMesh.eventually(() -> assertThat(other.get("http://echo/").status()).isEqualTo(200));
      clock.set(Duration.ofMinutes(30));
      said(server, "clock jumped back by=PT71H30M");
      // What it signs now is good for nobody. Who has no other certificate waits, and says why.
      Child late = mesh.local().run(TestMesh.probe("late", "sync"));
      said(late, "is valid only from");
      // Who has one keeps it.
      said(echo, "identity renewal failed");
      assertThat(echo.stderr()).contains("stays in use", "clock");
      load.awaitFurther(50);
      assertThat(mesh.local().api().get("/v1/status").path("server").path("clockJumped").toString())
          .contains("\"times\":2");

      clock.set(Duration.ZERO);
      said(server, "clock jumped back by=PT30M");
      said(echo, "identity renewed");
      said(caller, "identity renewed");
      Client waited = TestMesh.ready(late);
      TestMesh.eventually(() -> assertThat(waited.get("http://echo/").status()).isEqualTo(403));
      mesh.local().edit(ACCESS, text -> Documents.onlyFrom("caller", "echo"));
      TestMesh.eventually(() -> assertThat(other.get("http://echo/").status()).isEqualTo(403));
      load.awaitFurther(50);

      assertNoneFailed(load);
      assertThat(server.stderr()).doesNotContain("workload gone", "lost its stream");
      assertThat(mesh.local().api().get("/v1/workloads").toString())
          .contains("caller", "echo", "other", "late");
    }
  }

  @Test
  void anAgentsClockThatJumpsStopsNobodyAndIsSaidOnBothSides() throws Exception {
    try (TestMesh mesh = TestMesh.start("agent-clock", jdk, onlyTheCaller())) {
      JvmClock clock = JvmClock.in(mesh.local().logs(), "echo");
      Child echo = mesh.serve(underClock(TestMesh.server("echo", "app.Echo"), clock));
      Client client = mesh.call(TestMesh.probe("caller", "async"));
      Client other = mesh.call(TestMesh.probe("other", "sync"));
      TestMesh.eventually(() -> assertThat(client.get("http://echo/").status()).isEqualTo(200));
      Load load = TestMesh.keepCalling(client, "http://echo/", 4);
      load.awaitFurther(50);

      clock.set(DAYS);
      said(echo, "clock jumped to");
      said(echo, "clock is wrong");
      assertThat(other.get("http://echo/").status()).isEqualTo(403);
      mesh.local().edit(ACCESS, text -> text + "---\n" + Documents.onlyFrom("other", "echo"));
      TestMesh.eventually(() -> assertThat(other.get("http://echo/").status()).isEqualTo(200));
      TestMesh.eventually(() -> assertThat(ahead(mesh)).isGreaterThan(70 * 3600));

      clock.set(Duration.ZERO);
      said(echo, "clock is back");
      clock.set(DAYS.negated());
      load.awaitFurther(50);
      TestMesh.eventually(() -> assertThat(ahead(mesh)).isLessThan(-70 * 3600));
      // And a certificate that this JVM sees for the first time.
      Client newcomer = mesh.call(TestMesh.probe("caller", "sync").named("newcomer"));
      TestMesh.eventually(() -> assertThat(newcomer.get("http://echo/").status()).isEqualTo(200));

      clock.set(Duration.ZERO);
      TestMesh.eventually(() -> assertThat(ahead(mesh)).isBetween(-60L, 60L));
      assertNoneFailed(load);
    }
  }

  private static Map<String, String> onlyTheCaller() {
    return Documents.with(Documents.strict("echo"), ACCESS, Documents.onlyFrom("caller", "echo"));
  }

  private static Program underClock(Program program, JvmClock clock) {
    return program.with(
        Map.of("JAVA_TOOL_OPTIONS", clock.option() + " -javaagent:" + Built.JARS.agent()));
  }

  private static void said(Child child, String what) {
    TestMesh.eventually(() -> assertThat(child.stderr()).contains(what));
  }

  /** How far the server finds the clock of {@code echo} ahead of its own. */
  private static long ahead(TestMesh mesh) throws IOException, InterruptedException {
    for (var agent : mesh.local().api().get("/v1/status").path("agents")) {
      if (agent.path("service").asString().equals("echo")) {
        return agent.path("clockAheadSeconds").asLong();
      }
    }
    throw new AssertionError("echo is not registered");
  }

  private static void assertNoneFailed(Load load) throws IOException, InterruptedException {
    List<Answer> answers = load.stop();
    assertThat(answers).hasSizeGreaterThan(100);
    assertThat(Tally.failures(answers)).isEmpty();
  }
}
