package dev.weft.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentClassLoaderTest {
  /** A class that lies in the jar, and on the application's class path. */
  static final class Hidden {}

  private static final String HIDDEN = Hidden.class.getName();
  private static final String HIDDEN_FILE = HIDDEN.replace('.', '/') + ".class";

  @TempDir Path folder;
  private AgentClassLoader loader;

  @BeforeEach
  void pack() throws IOException {
    // A space and a plus sign, as real paths have them.
    File jar = folder.resolve("weft agent+1.jar").toFile();
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar.toPath()))) {
      add(out, "inst/" + HIDDEN.replace('.', '/') + ".classdata", bytes());
      add(
          out,
          "inst/META-INF/services/some.Service",
          "some.Provider".getBytes(StandardCharsets.UTF_8));
      add(out, "outside.txt", "outside".getBytes(StandardCharsets.UTF_8));
    }
    loader = new AgentClassLoader(jar, ClassLoader.getPlatformClassLoader());
  }

  @Test
  void aHiddenClassIsLoadedFromTheJar() throws ClassNotFoundException {
    Class<?> type = loader.loadClass(HIDDEN);

    assertThat(type.getClassLoader()).isSameAs(loader);
    assertThat(type).isNotSameAs(Hidden.class);
    assertThat(loader.loadClass(HIDDEN)).isSameAs(type);
  }

  @Test
  void theApplicationsClassesAreNotVisible() {
    assertThatThrownBy(() -> loader.loadClass(AgentClassLoaderTest.class.getName()))
        .isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void theBytesOfAHiddenClassCanBeRead() throws IOException {
    assertThat(loader.classBytes(HIDDEN)).isEqualTo(bytes());
    assertThat(loader.classBytes("dev.weft.Absent")).isNull();
  }

  @Test
  void aClassFileIsFoundAsAResourceUnderItsUsualName() throws IOException {
    try (InputStream in = loader.getResourceAsStream(HIDDEN_FILE)) {
      assertThat(in).isNotNull();
      assertThat(in.readAllBytes()).isEqualTo(bytes());
    }
  }

  @Test
  void servicesAreFound() throws IOException {
    assertThat(Collections.list(loader.getResources("META-INF/services/some.Service")))
        .singleElement()
        .satisfies(
            url -> {
              try (InputStream in = url.openStream()) {
                assertThat(in).hasContent("some.Provider");
              }
            });
  }

  @Test
  void whatLiesOutsideIsNotFound() {
    assertThat(loader.getResource("outside.txt")).isNull();
    assertThat(loader.getResource("absent.txt")).isNull();
  }

  private static byte[] bytes() throws IOException {
    try (InputStream in = Hidden.class.getResourceAsStream("/" + HIDDEN_FILE)) {
      return in.readAllBytes();
    }
  }

  private static void add(ZipOutputStream out, String name, byte[] bytes) throws IOException {
    out.putNextEntry(new ZipEntry(name));
    out.write(bytes);
    out.closeEntry();
  }
}
