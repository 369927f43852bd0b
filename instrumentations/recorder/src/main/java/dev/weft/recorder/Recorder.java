package dev.weft.recorder;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.members.Recording;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Writes the recordings of one module's instrumentations among its classes. */
public final class Recorder {
  private Recorder() {}

  /**
   * Records.
   *
   * @param arguments the module's folder of classes, and the class path that it was compiled with
   * @throws IllegalStateException when an adapter looks a hidden member up by no literal, or the
   *     module has no instrumentation
   */
  public static void main(String[] arguments) throws IOException {
    Path classes = Path.of(arguments[0]);
    try (URLClassLoader loader =
        new URLClassLoader(urls(classes, arguments[1]), Recorder.class.getClassLoader())) {
      List<Recording> recordings = record(classes, loader);
      if (recordings.isEmpty()) {
        throw new IllegalStateException("no instrumentation in " + classes);
      }
      write(recordings, classes);
    }
  }

  /** The recordings of the instrumentations in a folder of classes, which a loader can load. */
  static List<Recording> record(Path classes, ClassLoader loader) {
    List<Recording> recordings = new ArrayList<>();
    for (Instrumentation each : ServiceLoader.load(Instrumentation.class, loader)) {
      if (Files.exists(classes.resolve(each.getClass().getName().replace('.', '/') + ".class"))) {
        recordings.add(Recording.of(each.name(), new Adapter(classes, loader).needs(each)));
      }
    }
    return recordings;
  }

  /** Touches no file that is as it should be, and leaves none of an earlier build. */
  private static void write(List<Recording> recordings, Path classes) throws IOException {
    Set<Path> written = new TreeSet<>();
    for (Recording recording : recordings) {
      Path file = classes.resolve(Recording.resource(recording.hook()));
      Files.createDirectories(file.getParent());
      if (!Files.exists(file) || !Files.readString(file).equals(recording.text())) {
        Files.writeString(file, recording.text());
      }
      written.add(file);
    }
    Path folder = classes.resolve(Recording.resource("any")).getParent();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> !written.contains(each)).toList()) {
        Files.delete(file);
      }
    }
  }

  private static URL[] urls(Path classes, String classPath) throws IOException {
    List<URL> urls = new ArrayList<>();
    urls.add(classes.toUri().toURL());
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      if (!entry.isEmpty()) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return urls.toArray(URL[]::new);
  }
}
