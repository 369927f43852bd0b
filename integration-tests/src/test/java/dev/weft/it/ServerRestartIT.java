package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Load;
import dev.weft.server.demo.LocalMesh;
import org.junit.jupiter.api.Test;

/** The config server is killed and started again. */
@OnEachJdk
class ServerRestartIT {
  private final Jdk jdk;

  ServerRestartIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void aKilledServerKnowsAtItsStartWhoWasThereAndNoRequestFails() throws Exception {
    try (TestMesh mesh = TestMesh.start("restart", jdk, Documents.strict("echo"))) {
      Child one = mesh.serve(TestMesh.server("echo", "app.Echo").named("echo-a"));
      Child other = mesh.serve(TestMesh.server("echo", "app.Echo").named("echo-b"));
      Client caller = mesh.call(TestMesh.probe("caller", "async"));
      TestMesh.eventually(() -> assertThat(services(mesh)).contains(port(one), port(other)));
      TestMesh.eventually(() -> assertThat(caller.get("http://echo/").status()).isEqualTo(200));
      Load load = TestMesh.keepCalling(caller, "http://echo/", 4, "size=1000");
      load.awaitFurther(50);

      mesh.local().killServer();
      load.awaitFurther(50);
      // One of them does not live to see it.
      one.kill();
      load.awaitFurther(50);
      mesh.local().startServer();

      assertThat(services(mesh)).contains(port(one), port(other));
      TestMesh.eventually(
          () ->
              assertThat(mesh.local().api().get("/v1/workloads").findValuesAsString("connected"))
                  .filteredOn("true"::equals)
                  .hasSize(2));
      load.awaitFurther(50);
      assertThat(load.stop().stream().filter(answer -> !answer.ok()).toList())
          .as("but for those that the killed one had begun")
          .hasSizeLessThanOrEqualTo(4)
          .allSatisfy(answer -> assertThat(answer.status()).isZero());
      assertThat(services(mesh)).contains(port(other));
    }
  }

  @Test
  void aRestartWithABrokenOrAnOlderFolderFailsNoRequest() throws Exception {
    String access = "access.yaml";
    String older = Documents.onlyFrom("caller", "echo");
    String newer =
        older.replace(
            "\"]", "\", \"cluster.local/ns/default/sa/stranger\"]"); // lets one more account in
    try (TestMesh mesh =
        TestMesh.start(
            "restart-folder", jdk, Documents.with(Documents.strict("echo"), access, newer))) {
      mesh.serve(TestMesh.server("echo", "app.Echo"));
      Client caller = mesh.call(TestMesh.probe("caller", "async"));
      Client stranger = mesh.call(TestMesh.probe("stranger", "sync"));
      TestMesh.eventually(() -> assertThat(caller.get("http://echo/").status()).isEqualTo(200));
      TestMesh.eventually(() -> assertThat(stranger.get("http://echo/").status()).isEqualTo(200));
      Load load = TestMesh.keepCalling(caller, "http://echo/", 4, "size=1000");
      load.awaitFurther(50);

      mesh.local().killServer();
      mesh.local().edit(access, text -> "kind: [\n" + text);
      load.awaitFurther(50);
      assertThat(stranger.get("http://echo/").status()).isEqualTo(200);
      mesh.local().startServer();
      mesh.expectComplaints(mesh.local().server());
      awaitAll(mesh);
      load.awaitFurther(50);
      assertThat(stranger.get("http://echo/").status()).isEqualTo(200);
      assertThat(mesh.local().server().stderr()).contains(access + ":");

      mesh.local().killServer();
      mesh.local().edit(access, text -> older);
      load.awaitFurther(50);
      mesh.local().startServer();
      TestMesh.eventually(() -> assertThat(stranger.get("http://echo/").status()).isEqualTo(403));

      load.awaitFurther(50);
      assertThat(load.stop()).filteredOn(answer -> !answer.ok()).isEmpty();
    }
  }

  private static void awaitAll(TestMesh mesh) {
    TestMesh.eventually(
        () ->
            assertThat(mesh.local().api().get("/v1/workloads").findValuesAsString("connected"))
                .hasSize(3)
                .containsOnly("true"));
  }

  private static String port(Child echo) throws InterruptedException {
    return "\"port\":" + LocalMesh.address(echo).getPort();
  }

  private static String services(TestMesh mesh) throws Exception {
    return mesh.local().api().get("/v1/services").toString();
  }
}
