package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.bootstrap.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.utility.OpenedClassReader;
import org.junit.jupiter.api.Test;

/** What compiled code on the way of an application's bytes may not contain. */
class WireCodeTest {
  private static final List<String> FOLDERS =
      List.of("dev/weft/agent/wire", "dev/weft/agent/identity", "dev/weft/bootstrap");

  /**
   * Who enters monitors: to count, to copy, at the start, or on threads of the agent. Nobody waits
   * inside, for then a virtual thread of JDK 21 to 23 would hold its carrier.
   */
  private static final Set<String> SHORT_MONITORS =
      Set.of(
          "dev/weft/bootstrap/AgentClassLoader", // a class's own lock, as class loaders have
          "dev/weft/bootstrap/AgentStart",
          "dev/weft/bootstrap/Wire",
          "dev/weft/agent/identity/IdentityStore",
          "dev/weft/agent/identity/OpenSslContext",
          "dev/weft/agent/wire/Admission$Rate",
          "dev/weft/agent/wire/Flow",
          "dev/weft/agent/wire/NativeIo", // the JDK's own, around a channel's keys
          "dev/weft/agent/wire/Readiness");

  @Test
  void noMonitorIsHeldAroundIo() throws Exception {
    Set<String> found = new TreeSet<>();
    for (String name : classes()) {
      new ClassReader(bytes(name)).accept(new Monitors(name, found), ClassReader.SKIP_DEBUG);
    }

    assertThat(found).containsExactlyInAnyOrderElementsOf(SHORT_MONITORS);
  }

  /** JDK 24 warns of it on standard error, and later ones refuse. */
  @Test
  void nothingRefersToUnsafe() throws Exception {
    for (String name : classes()) {
      assertThat(new String(bytes(name), StandardCharsets.ISO_8859_1))
          .as(name)
          .doesNotContain("misc/Unsafe", "misc.Unsafe");
    }
  }

  private static final class Monitors extends ClassVisitor {
    private final String type;
    private final Set<String> found;

    Monitors(String type, Set<String> found) {
      super(OpenedClassReader.ASM_API);
      this.type = type;
      this.found = found;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      if ((access & Opcodes.ACC_SYNCHRONIZED) != 0) {
        found.add(type);
      }
      return new MethodVisitor(OpenedClassReader.ASM_API) {
        @Override
        public void visitInsn(int opcode) {
          if (opcode == Opcodes.MONITORENTER) {
            found.add(type);
          }
        }
      };
    }
  }

  private static Set<String> classes() throws IOException, URISyntaxException {
    Set<String> names = new TreeSet<>();
    for (String folder : FOLDERS) {
      for (URL url : Collections.list(loader().getResources(folder))) {
        if (url.openConnection() instanceof JarURLConnection jar) {
          Path file = Path.of(jar.getJarFileURL().toURI());
          try (FileSystem inside = FileSystems.newFileSystem(file)) {
            addAll(inside.getPath(folder), folder, names);
          }
        } else if (!url.getPath().contains("test-classes")) {
          addAll(Path.of(url.toURI()), folder, names);
        }
      }
    }
    assertThat(new ArrayList<>(names))
        .contains(name(MeshConnection.class), name(Wire.class))
        .hasSizeGreaterThan(80);
    return names;
  }

  private static void addAll(Path place, String folder, Set<String> names) throws IOException {
    try (var files = Files.list(place)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".class"))
          .forEach(file -> names.add(folder + "/" + file.replace(".class", "")));
    }
  }

  private static String name(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = loader().getResourceAsStream(name + ".class")) {
      return in.readAllBytes();
    }
  }

  private static ClassLoader loader() {
    return WireCodeTest.class.getClassLoader();
  }
}
