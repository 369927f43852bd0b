package dev.weft.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
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

  /** A class that a start loads. */
  static final class Packed {}

  private static final String PACKED = Packed.class.getName();
  private static final String HIDDEN = Hidden.class.getName();
  private static final String PACKED_FILE = PACKED.replace('.', '/') + ".class";
  private static final String HIDDEN_FILE = HIDDEN.replace('.', '/') + ".class";

  @TempDir Path folder;
  private File jar;
  private AgentClassLoader loader;

  @BeforeEach
  void pack() throws IOException {
    // A space and a plus sign, as real paths have them.
    jar = folder.resolve("weft agent+1.jar").toFile();
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar.toPath()))) {
      add(out, "inst/" + HIDDEN.replace('.', '/') + ".classdata", bytes(HIDDEN_FILE));
      add(out, "inst/META-INF/weft/start", start());
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
    assertThat(loader.classBytes(HIDDEN)).isEqualTo(bytes(HIDDEN_FILE));
    assertThat(loader.classBytes("dev.weft.Absent")).isNull();
  }

  @Test
  void aClassFileIsFoundAsAResourceUnderItsUsualName() throws IOException {
    try (InputStream in = loader.getResourceAsStream(HIDDEN_FILE)) {
      assertThat(in).isNotNull();
      assertThat(in.readAllBytes()).isEqualTo(bytes(HIDDEN_FILE));
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

  @Test
  void whatAStartLoadsLiesTogether() throws ClassNotFoundException {
    Class<?> type = loader.loadClass(PACKED);

    assertThat(type.getClassLoader()).isSameAs(loader);
    assertThat(type).isNotSameAs(Packed.class);
    assertThat(loader.loadClass(PACKED)).isSameAs(type);
  }

  /** Whoever loads it again, as adapters are, finds it in the jar; here it is not there. */
  @Test
  void itIsHeldUntilItIsLoadedOrTheAgentRuns() throws IOException {
    assertThat(loader.classBytes(PACKED)).isEqualTo(bytes(PACKED_FILE));
    assertThat(loader.classBytes(PACKED)).isNull();

    AgentClassLoader other = new AgentClassLoader(jar, ClassLoader.getPlatformClassLoader());
    other.started();

    assertThat(other.classBytes(PACKED)).isNull();
    assertThat(other.classBytes(HIDDEN)).isEqualTo(bytes(HIDDEN_FILE));
  }

  @Test
  void aJarWithoutThemIsNoneOfOurs() throws IOException {
    File other = folder.resolve("other.jar").toFile();
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(other.toPath()))) {
      add(out, "inst/" + HIDDEN_FILE, bytes(HIDDEN_FILE));
    }

    assertThatThrownBy(() -> new AgentClassLoader(other, ClassLoader.getPlatformClassLoader()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("META-INF/weft/start");
  }

  private static byte[] start() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(packed);
    byte[] file = bytes(PACKED_FILE);
    out.writeInt(1);
    out.writeUTF(PACKED);
    out.writeInt(file.length);
    out.write(file);
    return packed.toByteArray();
  }

  private static byte[] bytes(String file) throws IOException {
    try (InputStream in = Hidden.class.getResourceAsStream("/" + file)) {
      return in.readAllBytes();
    }
  }

  private static void add(ZipOutputStream out, String name, byte[] bytes) throws IOException {
    out.putNextEntry(new ZipEntry(name));
    out.write(bytes);
    out.closeEntry();
  }
}
