package dev.weft.packer;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Makes the agent's classes quick to load. */
public final class Packer {
  private static final String SUFFIX = ".classdata";

  private Packer() {}

  /**
   * Makes the class files of a folder lean, where they are, writes out lambdas and records of some
   * packages, and writes those of a start together into its {@code META-INF/weft/start}, which
   * {@code dev.weft.bootstrap.AgentClassLoader} reads: how many there are (4 bytes), and for each
   * its name ({@link DataOutputStream#writeUTF}), its length (4 bytes) and its bytes. They stay in
   * the folder, too: adapters are loaded more than once.
   *
   * @param args the folder, whose class files end in {@code .classdata}, and a file with the binary
   *     names of the classes of a start, a line each; names without a class count for nothing; then
   *     the packages whose lambdas are folded and whose records are made plain
   * @throws IOException when a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    for (Path file : classes(folder)) {
      Files.write(file, LeanClass.of(Files.readAllBytes(file)));
    }
    for (String name : List.of(args).subList(2, args.length)) {
      fold(folder, name.replace('.', '/'));
    }
    Files.write(
        folder.resolve("META-INF/weft/start"), pack(folder, Files.readAllLines(Path.of(args[1]))));
  }

  private static List<Path> classes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).toList();
    }
  }

  private static void fold(Path folder, String packageName) throws IOException {
    Map<Path, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder.resolve(packageName))) {
      for (Path file : all.filter(each -> each.toString().endsWith(SUFFIX)).toList()) {
        files.put(file, Files.readAllBytes(file));
      }
    }
    FoldedLambdas lambdas = new FoldedLambdas(packageName, files.values());
    for (Map.Entry<Path, byte[]> each : files.entrySet()) {
      Files.write(each.getKey(), PlainRecord.of(lambdas.fold(each.getValue())));
    }
    for (Map.Entry<String, byte[]> each : lambdas.classes().entrySet()) {
      Files.write(file(folder, each.getKey()), each.getValue());
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
