package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/**
 * What programs may expect of sockets holds in a mesh: close, half-close, time limits, selectors.
 */
@OnEachJdk
class WireIT {
  /** The programs know no mesh, so they do not wait for it; a slow machine may need a while. */
  private static final String START_WAIT = "WEFT_STARTUP_WAIT";

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Every connection to 127.0.0.1 is one of the mesh; the stories use 127.0.0.2 for outsiders. */
  private static final Map<String, String> DOCUMENTS =
      Map.of("mesh.yaml", Documents.STRICT_MACHINE);

  private static TestMesh mesh;

  @Parameter private Jdk jdk;

  @BeforeParameterizedClassInvocation
  static void start(Jdk jdk) throws IOException, InterruptedException {
    mesh = TestMesh.start("wire", jdk.withEveryCompiler(), DOCUMENTS);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    mesh.close();
  }

  @Test
  void socketsBehaveAsWithoutTheMesh() throws Exception {
    assertAllHeld(mesh.local().run(sockets("platform")));
  }

  @Test
  void socketsOnVirtualThreadsBehaveAsWithoutTheMesh() throws Exception {
    assumeTrue(jdk.feature() >= 21, "virtual threads came with JDK 21");

    assertAllHeld(mesh.local().run(sockets("virtual")));
  }

  /** What other platforms have in place of epoll, on both sides of the seam. */
  @Test
  void socketsBehaveAsWithoutTheMeshWhereThereIsNoEpoll() throws Exception {
    Program program =
        Program.of(
                "sockets",
                List.of(
                    "-Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.PollSelectorProvider",
                    "-Ddev.weft.wire.poller=sweep",
                    "-cp",
                    Built.programs(),
                    "app.Sockets"))
            .named("sockets-poll")
            .with(Map.of("THREADS", "platform", START_WAIT, "60s"));

    assertAllHeld(mesh.local().run(program));
  }

  @Test
  void asynchronousChannelsBehaveAsWithoutTheMesh() throws Exception {
    try (PlainServer outsider = PlainServer.open()) {
      Program program =
          TestMesh.server("asynchronous", "app.AsynchronousSockets")
              .with(Map.of("OUTSIDER", Integer.toString(outsider.port()), START_WAIT, "60s"));
      assertAllHeld(mesh.local().run(program));
    }
  }

  @Test
  void aSecurityManagerConfinesTheProgramAndNotTheMesh() throws Exception {
    assumeTrue(jdk.feature() < 24, "there are no security managers since JDK 24");
    Path policy = Files.createTempFile("confined", ".policy");
    Files.writeString(
        policy,
        "grant { permission java.net.SocketPermission \"*\", \"accept,connect,listen,resolve\"; };");
    Program program =
        Program.of(
                "confined",
                List.of(
                    "-Djava.security.manager",
                    "-Djava.security.policy==" + policy,
                    "-cp",
                    Built.programs(),
                    "app.Confined"))
            .with(Map.of(START_WAIT, "60s"));

    assertAllHeld(mesh.local().runOn(jdk.java(), program));
  }

  @Test
  void whatAProgramWroteBeforeItEndedArrives() throws Exception {
    Child gather = mesh.serve(TestMesh.server("gather", "app.Gather"));
    String port = Integer.toString(LocalMesh.address(gather).getPort());

    for (int bytes : List.of(1, 1_000, 60_000, 5_000_000)) {
      Program shout =
          TestMesh.server("shout", "app.Shout")
              .named("shout-" + bytes)
              .with(Map.of("PORT", port, "BYTES", Integer.toString(bytes), START_WAIT, "60s"));
      assertThat(mesh.local().runOn(jdk.java(), shout).awaitExit(PATIENCE)).isZero();
      TestMesh.eventually(() -> assertThat(gather.stdout()).contains("got " + bytes));
    }
  }

  private static Program sockets(String threads) {
    return TestMesh.server("sockets", "app.Sockets")
        .named("sockets-" + threads)
        .with(Map.of("THREADS", threads, START_WAIT, "60s"));
  }

  private static void assertAllHeld(Child sockets) throws InterruptedException {
    sockets.awaitLine("done", PATIENCE);
    assertThat(sockets.stdout())
        .as("what went wrong (see the process's own log for more)")
        .isNotEmpty()
        .allMatch(line -> line.endsWith(" ok") || line.equals("done"));
  }
}
