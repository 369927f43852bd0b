package dev.weft.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** The time of day of one JVM, which a story sets while it runs; see {@code app.clock}. */
final class JvmClock {
  private static final List<String> CLASSES =
      List.of("ClockAgent", "ClockAgent$1", "ClockCalls", "SetClock");

  private final Path jar;
  private final Path file;

  private JvmClock(Path jar, Path file) {
    this.jar = jar;
    this.file = file;
  }

  /** A clock that is right; its files lie in the folder. */
  static JvmClock in(Path folder, String name) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", "app.clock.ClockAgent");
    attributes.putValue("Can-Retransform-Classes", "true");
    Path jar = folder.resolve(name + "-clock.jar");
    attributes.putValue("Boot-Class-Path", String.valueOf(jar.getFileName()));
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (String each : CLASSES) {
        String path = "app/clock/" + each + ".class";
        out.putNextEntry(new ZipEntry(path));
        try (InputStream in = ClassLoader.getSystemResourceAsStream(path)) {
          in.transferTo(out);
        }
      }
    }
    return new JvmClock(jar, folder.resolve(name + "-clock.txt"));
  }

  /** The option of the JVM whose clock it is. */
  String option() {
    return "-javaagent:" + jar + "=" + file;
  }

  /** Sets it, off the right time by so much. */
  void set(Duration off) throws IOException {
    Path next = Files.writeString(Path.of(file + ".next"), Long.toString(off.toMillis()));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
