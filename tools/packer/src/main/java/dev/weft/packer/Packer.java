package dev.weft.packer;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Makes the agent's classes quick to load. */
public final class Packer {
  private static final String SUFFIX = ".classdata";

  private Packer() {}

  /**
   * Makes the class files of a folder lean, where they are, and writes those of a start together
   * into its {@code META-INF/weft/start}, which {@code dev.weft.bootstrap.AgentClassLoader} reads:
   * how many there are (4 bytes), and for each its name ({@link DataOutputStream#writeUTF}), its
   * length (4 bytes) and its bytes. They stay in the folder, too: adapters are loaded more than
   * once.
   *
   * @param args the folder, whose class files end in {@code .classdata}, and a file with the binary
   *     names of the classes of a start, a line each; names without a class count for nothing
   * @throws IOException when a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    for (Path file : classes(folder)) {
      Files.write(file, LeanClass.of(Files.readAllBytes(file)));
    }
    Files.write(
        folder.resolve("META-INF/weft/start"), pack(folder, Files.readAllLines(Path.of(args[1]))));
  }

  private static List<Path> classes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).toList();
    }
  }

  private static byte[] pack(Path folder, List<String> names) throws IOException {
    List<String> present = new ArrayList<>();
    for (String name : names) {
      if (Files.exists(file(folder, name))) {
        present.add(name);
      }
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(packed);
    out.writeInt(present.size());
    for (String name : present) {
      byte[] bytes = Files.readAllBytes(file(folder, name));
      out.writeUTF(name);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private static Path file(Path folder, String name) {
    return folder.resolve(name.replace('.', '/') + SUFFIX);
  }
}
