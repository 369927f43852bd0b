package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Program;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/**
 * The classes of a start lie together in the agent's jar; see decision 31. {@code
 * -Dweft.start.write=true} adds those that do not to the list that the build packs by, and takes
 * out what the agent no longer has.
 */
@OnEachJdk
class PackedStartIT {
  private static final Path LIST =
      Built.JARS.root().resolve("agent/src/assembly/start-classes.txt");

  /** In a hundred: a list may be a little old. */
  private static final int MOST_OUTSIDE = 5;

  private static final int FEWEST = 500;
  private static final Pattern LOADED = Pattern.compile("\\] *(\\S+) source: ");

  @Parameter private Jdk jdk;

  @Test
  void ofAStartFromFiles() throws Exception {
    LoneWorkload lone = LoneWorkload.of("packed-files", jdk);
    Path log = lone.folder().resolve("classes.log");

    LoneWorkload.assertHeld(
        lone.play("FirstUse", jdk, "-Dotel.exporter.otlp.endpoint=http://127.0.0.1:9", log(log)));

    assertPacked(log);
  }

  @Test
  void ofAStartWithAConfigServer() throws Exception {
    try (TestMesh mesh =
        TestMesh.start("packed-server", jdk, Map.of("mesh.yaml", Documents.STRICT_MACHINE))) {
      Path log = mesh.local().logs().resolve("classes.log");

      mesh.call(
          Program.of("orders", List.of(log(log), "-cp", Built.programs(), "app.Probe"))
              .with(Map.of("STACK", "sync")));

      assertPacked(log);
    }
  }

  private static String log(Path file) {
    return "-Xlog:class+load=info:file=" + file + "::filecount=0";
  }

  private static void assertPacked(Path log) throws IOException {
    try (JarFile jar = new JarFile(Built.JARS.agent().toFile())) {
      Set<String> loaded = new TreeSet<>();
      for (String line : Files.readAllLines(log, StandardCharsets.UTF_8)) {
        Matcher matcher = LOADED.matcher(line);
        if (matcher.find() && has(jar, matcher.group(1))) {
          loaded.add(matcher.group(1));
        }
      }
      assertThat(loaded).hasSizeGreaterThan(FEWEST);
      if (Boolean.getBoolean("weft.start.write")) {
        write(jar, loaded);
        return;
      }
      Set<String> outside = new TreeSet<>(loaded);
      outside.removeAll(packed(jar));
      assertThat(outside)
          .as("of %d classes (-Dweft.start.write=true adds them to %s)", loaded.size(), LIST)
          .hasSizeLessThanOrEqualTo(loaded.size() * MOST_OUTSIDE / 100);
    }
  }

  private static boolean has(JarFile jar, String className) {
    return jar.getEntry("inst/" + className.replace('.', '/') + ".classdata") != null;
  }

  private static Set<String> packed(JarFile jar) throws IOException {
    Set<String> names = new TreeSet<>();
    try (DataInputStream in =
        new DataInputStream(jar.getInputStream(jar.getEntry("inst/META-INF/weft/start")))) {
      for (int left = in.readInt(); left > 0; left--) {
        names.add(in.readUTF());
        in.skipNBytes(in.readInt());
      }
    }
    return names;
  }

  private static synchronized void write(JarFile jar, Set<String> loaded) throws IOException {
    Set<String> all = new TreeSet<>(loaded);
    Files.readAllLines(LIST, StandardCharsets.UTF_8).stream()
        .filter(name -> has(jar, name))
        .forEach(all::add);
    Files.write(LIST, all, StandardCharsets.UTF_8);
  }
}
