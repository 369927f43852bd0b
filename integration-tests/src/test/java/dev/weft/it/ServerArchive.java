package dev.weft.it;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Java;
import dev.weft.server.demo.LocalMesh;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The config server's classes as a JDK can map them (class data sharing): each of the many config
 * servers of the stories starts with half a second less of processor time. Made by whichever story
 * comes first after a build; a JVM that finds an archive unfit does without it.
 */
final class ServerArchive {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Map<Integer, List<String>> OPTIONS = new TreeMap<>();

  private final Jdk jdk;
  private final Path file;

  private ServerArchive(Jdk jdk) {
    this.jdk = jdk;
    this.file = Built.target().resolve("weft-server-" + jdk.feature() + ".jsa");
  }

  /** Options of a JVM that runs the config server; none where no archive can be made. */
  static synchronized List<String> options(Jdk jdk) {
    return OPTIONS.computeIfAbsent(jdk.feature(), feature -> new ServerArchive(jdk).options());
  }

  private List<String> options() {
    // Stories run side by side, in JVMs of their own.
    try (FileChannel guard =
            FileChannel.open(
                file.resolveSibling(file.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = guard.lock()) {
      if (!fits()) {
        make();
      }
      return List.of("-XX:SharedArchiveFile=" + file);
    } catch (IOException | IllegalStateException e) {
      System.err.println("config servers start without an archive of their classes: " + e);
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private boolean fits() throws IOException {
    return Files.exists(file)
        && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(Built.JARS.server()))
            > 0;
  }

  /** What a server has loaded when it has started and answered an operator. */
  private void make() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(Files.createDirectories(Built.stories()), "archive");
    Path archive = folder.resolve("server.jsa");
    Java java = new Java(jdk.home(), jdk.options(), List.of("-XX:ArchiveClassesAtExit=" + archive));
    try (LocalMesh mesh =
        LocalMesh.in(folder, Built.JARS, java, Built.JARS.shopPolicy(), List.of())) {
      mesh.startServer();
      mesh.api().get("/v1/status");
      // It writes the archive at an orderly end.
      Child server = mesh.server();
      ProcessHandle.of(server.pid()).orElseThrow().destroy();
      server.awaitExit(PATIENCE);
      if (!Files.exists(archive)) {
        throw new IOException("none was written: " + server.stderr());
      }
      Files.move(archive, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
