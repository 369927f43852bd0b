package dev.weft.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the config server of a story has in its state folder. */
final class StateFiles {
  private StateFiles() {}

  /** The content of every file, by its path in the folder; {@code gone meanwhile} is none. */
  static Map<String, String> of(TestMesh mesh) throws IOException {
    Path state = mesh.local().state();
    try (Stream<Path> all = Files.walk(state)) {
      return new TreeMap<>(
          all.filter(Files::isRegularFile)
              .collect(
                  Collectors.toMap(
                      file -> state.relativize(file).toString(), StateFiles::content)));
    }
  }

  private static String content(Path file) {
    try {
      return Arrays.toString(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return "gone meanwhile";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The workloads that it has noted down. */
  static String registry(TestMesh mesh) throws IOException {
    return Files.readString(mesh.local().state().resolve("registry.state"));
  }
}
