package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent carries what the build has recorded of every module of instrumentations. */
class RecordingsIT {
  private static final Path MODULES = Built.JARS.root().resolve("instrumentations");
  private static final Set<String> NO_ADAPTERS = Set.of("api", "recorder");
  private static final String RECORDINGS = "META-INF/weft";
  private static final String SERVICES =
      "META-INF/services/dev.weft.instrumentation.Instrumentation";

  static List<String> modules() throws IOException {
    try (Stream<Path> folders = Files.list(MODULES)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("pom.xml")))
          .map(folder -> folder.getFileName().toString())
          .filter(name -> !NO_ADAPTERS.contains(name))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("modules")
  void everyInstrumentationOfAModuleIsRecordedInTheAgent(String module) throws IOException {
    Path classes = MODULES.resolve(module).resolve("target/classes");
    List<Path> recordings = recordings(classes);

    assertThat(recordings).hasSameSizeAs(Files.readAllLines(classes.resolve(SERVICES)));
    try (JarFile agent = new JarFile(Built.JARS.agent().toFile())) {
      for (Path recording : recordings) {
        ZipEntry entry = agent.getEntry("inst/" + RECORDINGS + "/" + recording.getFileName());
        assertThat(entry).as("%s in the agent", recording.getFileName()).isNotNull();
        assertThat(agent.getInputStream(entry).readAllBytes())
            .isEqualTo(Files.readAllBytes(recording));
      }
    }
  }

  @Test
  void aRecordingIsSortedAndKnowsNoMachine() throws IOException {
    for (String module : modules()) {
      for (Path recording : recordings(MODULES.resolve(module).resolve("target/classes"))) {
        String text = Files.readString(recording, StandardCharsets.UTF_8);
        String[] needs = text.lines().skip(1).toArray(String[]::new);
        assertThat(needs).isEqualTo(Arrays.stream(needs).sorted().distinct().toArray());
        assertThat(text).doesNotContain(Built.JARS.root().toString());
      }
    }
  }

  private static List<Path> recordings(Path classes) throws IOException {
    try (Stream<Path> files = Files.list(classes.resolve(RECORDINGS))) {
      return files.sorted().toList();
    }
  }
}
