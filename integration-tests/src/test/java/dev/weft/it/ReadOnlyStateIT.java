package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The config server loses the right to write its state folder. Permissions bind everybody but root,
 * so that as root the server, and it alone, is started without the privilege to overlook them.
 */
@OnEachJdk
@Execution(ExecutionMode.CONCURRENT)
class ReadOnlyStateIT {
  private static final String ACCESS = "access.yaml";
  private static final Set<PosixFilePermission> WRITE =
      Set.of(
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_WRITE);

  private final Jdk jdk;

  ReadOnlyStateIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void aReadOnlyStateFolderLosesNothingStopsNobodyAndIsOverWhenItCanBeWritten() throws Exception {
    List<String> bound = boundByPermissions();
    String caller = Documents.onlyFrom("caller", "echo");
    String nobody = Documents.onlyFrom("nobody", "echo");
    try (TestMesh mesh =
        TestMesh.withoutServer(
            "read-only-state", jdk, Documents.with(Documents.strict("echo"), ACCESS, caller))) {
      mesh.local().startServerBy(bound);
      mesh.serve(TestMesh.server("echo", "app.Echo"));
      Client client = mesh.call(TestMesh.probe("caller", "async"));
      TestMesh.eventually(() -> assertThat(client.get("http://echo/").status()).isEqualTo(200));
      Child server = mesh.expectComplaints(mesh.local().server());
      String token = mesh.local().token("late", "late", 1);
      TestMesh.eventually(() -> assertThat(StateFiles.registry(mesh)).contains("caller", "echo"));

      Map<Path, Set<PosixFilePermission>> writable = takeWriting(mesh.local().state());
      try {
        Map<String, String> before = StateFiles.of(mesh);
        Load load = TestMesh.keepCalling(client, "http://echo/", 4, "size=1000");
        load.awaitFurther(50);
        mesh.local().edit(ACCESS, text -> nobody);
        TestMesh.eventually(() -> assertThat(client.get("http://echo/").status()).isEqualTo(403));
        load.stop();
        TestMesh.eventually(
            () ->
                assertThat(server.stderr())
                    .contains("policy generation not saved", "last good policy not saved")
                    .contains(
                        "state folder "
                            + mesh.local().state()
                            + " cannot be written: no permission"));
        // A token whose use cannot be noted down is not used: it waits for the folder.
        Child late =
            mesh.expectComplaints(
                mesh.local().run(TestMesh.probe("late", "sync"), token, Map.of()));
        TestMesh.eventually(
            () -> assertThat(server.stderr()).contains("request failed", "path=/v1/enroll"));
        assertThat(StateFiles.of(mesh)).as("nothing lost, nothing left over").isEqualTo(before);

        // Nor does a server begin that could not keep what it promises. Agents go on without.
        mesh.local().killServer();
        assertThatThrownBy(() -> mesh.local().startServerBy(bound))
            .hasMessageContaining(
                "state folder " + mesh.local().state() + " is not a writable folder");
        assertThat(client.get("http://echo/").status()).isEqualTo(403);
        assertThat(StateFiles.of(mesh)).isEqualTo(before);

        giveWriting(writable);
        mesh.local().startServerBy(bound);

        Client waited = TestMesh.ready(late);
        TestMesh.eventually(() -> assertThat(waited.get("http://echo/").status()).isEqualTo(403));
        assertThat(client.get("http://echo/").status()).isEqualTo(403);
        assertThat(StateFiles.of(mesh))
            .containsEntry("ca/root.pem", before.get("ca/root.pem"))
            .containsEntry("ca/root.key", before.get("ca/root.key"));
        TestMesh.eventually(
            () -> assertThat(StateFiles.registry(mesh)).contains("caller", "echo", "late"));

        mesh.local().edit(ACCESS, text -> caller);
        TestMesh.eventually(() -> assertThat(client.get("http://echo/").status()).isEqualTo(200));
      } finally {
        giveWriting(writable);
      }
    }
  }

  /** A command before that of the server, by which permissions bind it; empty: they do anyway. */
  private static List<String> boundByPermissions() throws IOException {
    Path folder = Files.createTempDirectory("weft-permissions");
    try {
      assumeTrue(
          folder.getFileSystem().supportedFileAttributeViews().contains("posix"),
          "no permissions of files here");
      Files.setPosixFilePermissions(folder, Set.of(PosixFilePermission.OWNER_READ));
      if (!Files.isWritable(folder)) {
        return List.of();
      }
    } finally {
      Files.delete(folder);
    }
    boolean found =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "setpriv")));
    assumeTrue(found, "root overlooks permissions, and no setpriv (util-linux) to prevent it");
    return List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search");
  }

  /** Makes everything in the folder read-only; returns how it was. */
  private static Map<Path, Set<PosixFilePermission>> takeWriting(Path folder) throws IOException {
    Map<Path, Set<PosixFilePermission>> before = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        before.put(path, permissions);
        Set<PosixFilePermission> left = new HashSet<>(permissions);
        left.removeAll(WRITE);
        Files.setPosixFilePermissions(path, left);
      }
    }
    return before;
  }

  private static void giveWriting(Map<Path, Set<PosixFilePermission>> before) throws IOException {
    for (Map.Entry<Path, Set<PosixFilePermission>> path : before.entrySet()) {
      if (Files.exists(path.getKey())) {
        Files.setPosixFilePermissions(path.getKey(), path.getValue());
      }
    }
  }
}
