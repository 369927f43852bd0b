package dev.weft.agent.weaving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.weaving.ClassShape.Call;
import dev.weft.bootstrap.Wire;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.bytebuddy.dynamic.ClassFileLocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What runs inside the JDK's own socket classes, under whatever locks the application holds, links
 * nothing and logs nothing: that would load classes there, and class loading under foreign locks is
 * how other agents came to hang at start.
 */
class WovenPathTest {
  private static final List<String> FORBIDDEN =
      List.of(
          ClassShape.DYNAMIC,
          "java/util/logging/",
          "java/lang/System$Logger",
          "java/util/Formatter");

  static Stream<Class<?>> classes() throws Exception {
    List<Class<?>> classes = new ArrayList<>(List.of(WireAdvice.class.getDeclaredClasses()));
    Path bridge = Path.of(Wire.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (Files.isDirectory(bridge)) {
      classes.addAll(bridge(bridge));
    } else {
      try (FileSystem jar = FileSystems.newFileSystem(bridge)) {
        classes.addAll(bridge(jar.getPath("/")));
      }
    }
    assertThat(classes).contains(Wire.class, WireAdvice.Read.class);
    return classes.stream();
  }

  private static List<Class<?>> bridge(Path root) throws Exception {
    List<Class<?>> classes = new ArrayList<>();
    try (Stream<Path> files = Files.list(root.resolve("dev/weft/bootstrap"))) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".class") && !name.startsWith("package-info")) {
          String type = "dev.weft.bootstrap." + name.substring(0, name.length() - 6);
          classes.add(Class.forName(type, false, Wire.class.getClassLoader()));
        }
      }
    }
    return classes;
  }

  @ParameterizedTest
  @MethodSource("classes")
  void linksAndLogsNothing(Class<?> type) throws IOException {
    byte[] bytes =
        ClassFileLocator.ForClassLoader.of(type.getClassLoader()).locate(type.getName()).resolve();

    assertThat(ClassShape.of(bytes).calls())
        .noneMatch(call -> FORBIDDEN.stream().anyMatch(call.owner()::startsWith))
        .noneMatch(WovenPathTest::formats);
  }

  private static boolean formats(Call call) {
    return call.owner().equals("java/lang/String") && call.name().startsWith("format");
  }
}
