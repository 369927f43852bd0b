package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The running config server can write no byte into any file: the kernel ends each of its writes
 * with an error, as on a full disk, by a limit that is set on the process from outside.
 */
@OnEachJdk
@Execution(ExecutionMode.CONCURRENT)
class FullDiskIT {
  private static final String ACCESS = "access.yaml";

  private final Jdk jdk;

  FullDiskIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @BeforeEach
  void thereIsPrlimit() {
    boolean found =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "prlimit")));
    assumeTrue(found, "no prlimit (util-linux) to take the disk from a running process");
  }

  @Test
  void aFullDiskLosesNothingStopsNobodyAndIsOverWhenThereIsSpace() throws Exception {
    String caller = Documents.onlyFrom("caller", "echo");
    String nobody = Documents.onlyFrom("nobody", "echo");
    try (TestMesh mesh =
        TestMesh.start(
            "full-disk", jdk, Documents.with(Documents.strict("echo"), ACCESS, caller))) {
      mesh.serve(TestMesh.server("echo", "app.Echo"));
      Client client = mesh.call(TestMesh.probe("caller", "async"));
      TestMesh.eventually(() -> assertThat(client.get("http://echo/").status()).isEqualTo(200));
      Child server = mesh.expectComplaints(mesh.local().server());
      // The command that makes it is no part of the server, and has its disk.
      String token = mesh.local().token("late", "late", 1);
      TestMesh.eventually(() -> assertThat(StateFiles.registry(mesh)).contains("caller", "echo"));

      prlimit(server, "--fsize=0:");
      Map<String, String> before = files(mesh);

      Load load = TestMesh.keepCalling(client, "http://echo/", 4, "size=1000");
      load.awaitFurther(50);
      mesh.local().edit(ACCESS, text -> nobody);
      TestMesh.eventually(() -> assertThat(client.get("http://echo/").status()).isEqualTo(403));
      load.stop();
      TestMesh.eventually(
          () ->
              assertThat(server.stderr())
                  .contains("policy generation not saved", "last good policy not saved")
                  .contains("File too large"));
      // A token whose use cannot be noted down is not used: it waits for the disk.
      Child late =
          mesh.expectComplaints(mesh.local().run(TestMesh.probe("late", "sync"), token, Map.of()));
      TestMesh.eventually(
          () -> assertThat(server.stderr()).contains("request failed", "path=/v1/enroll"));
      TestMesh.eventually( // while it tries, an empty new file is there for a moment
          () ->
              assertThat(files(mesh))
                  .as("nothing lost, nothing cut, nothing left over")
                  .isEqualTo(before));

      prlimit(server, "--fsize=unlimited:");

      Client waited = TestMesh.ready(late);
      TestMesh.eventually(() -> assertThat(waited.get("http://echo/").status()).isEqualTo(403));
      TestMesh.eventually(
          () ->
              assertThat(server.stderr())
                  .contains("policy generation is saved again", "last good policy is saved again"));
      TestMesh.eventually(() -> assertThat(StateFiles.registry(mesh)).contains("late"));

      // What was decided while the disk was full holds after a restart, even of a broken folder.
      mesh.local().killServer();
      mesh.local().edit(ACCESS, text -> "kind: [\n" + text);
      mesh.local().startServer();
      mesh.expectComplaints(mesh.local().server());
      assertThat(files(mesh))
          .containsEntry("ca/root.pem", before.get("ca/root.pem"))
          .containsEntry("ca/root.key", before.get("ca/root.key"));
      assertThat(mesh.local().api().get("/v1/workloads").toString())
          .contains("caller", "echo", "late");
      Client newcomer = mesh.call(TestMesh.probe("newcomer", "sync"));
      TestMesh.eventually(() -> assertThat(newcomer.get("http://echo/").status()).isEqualTo(403));
      assertThat(client.get("http://echo/").status()).isEqualTo(403);
    }
  }

  /** Of the limit's two values only the soft one, which everybody may raise again. */
  private static void prlimit(Child process, String limit) throws Exception {
    Process prlimit =
        new ProcessBuilder("prlimit", "--pid", Long.toString(process.pid()), limit)
            .redirectErrorStream(true)
            .start();
    String said = new String(prlimit.getInputStream().readAllBytes());
    assertThat(prlimit.waitFor()).as("prlimit said: %s", said).isZero();
  }

  /** The content of every file in the state folder, but for the locks. */
  private static Map<String, String> files(TestMesh mesh) throws IOException {
    Map<String, String> files = StateFiles.of(mesh);
    files.keySet().removeIf(name -> name.endsWith("lock"));
    return files;
  }
}
