package dev.weft.premain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeftAgentTest {
  private static final String BRIDGE = "dev.weft.bootstrap.";

  @ParameterizedTest
  @CsvSource({
    "1.4.2, 4",
    "1.8.0_402, 8",
    "1.8, 8",
    "9, 9",
    "10.0.1, 10",
    "17.0.2+8, 17",
    "25, 25",
    "26-ea, 26"
  })
  void aVersionNamesItsFeatureRelease(String version, int feature) {
    assertThat(WeftAgent.feature(version)).isEqualTo(feature);
  }

  @Test
  void everyClassOfTheBridgeIsDefinedAtStart() throws Exception {
    Path classes =
        Path.of(WeftAgent.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve("dev/weft/bootstrap");
    try (Stream<Path> files = Files.list(classes)) {
      List<String> present =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
              .map(name -> BRIDGE + name.substring(0, name.length() - ".class".length()))
              .toList();

      assertThat(WeftAgent.BOOTSTRAP).containsExactlyInAnyOrderElementsOf(present);
    }
  }

  @Test
  void eachClassOfTheBridgeCanBeDefinedAfterTheOnesBeforeIt() throws IOException {
    Definer definer = new Definer();

    for (String name : WeftAgent.BOOTSTRAP) {
      assertThat(definer.define(name).getName()).isEqualTo(name);
    }
  }

  @Test
  void theLastClassOfTheBridgeIsTheOneThatStartsTheAgent() {
    assertThat(WeftAgent.BOOTSTRAP[WeftAgent.BOOTSTRAP.length - 1])
        .isEqualTo("dev.weft.bootstrap.AgentStart");
  }

  /** Like the bootstrap loader: it knows the JDK and what has been defined in it. */
  private static final class Definer extends ClassLoader {
    Definer() {
      super(null);
    }

    Class<?> define(String name) throws IOException {
      String path = "/" + name.replace('.', '/') + ".class";
      try (InputStream in = WeftAgentTest.class.getResourceAsStream(path)) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      }
    }
  }
}
