package dev.weft.it;

import dev.weft.server.demo.Java;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A JDK for the processes of a story: the build's own, and a JDK 25 where there is one.
 *
 * @param options what each of its JVMs is told
 */
public record Jdk(int feature, Path home, List<String> options) {
  /**
   * Few processes of a story live long enough to repay C2, which doubles the cost of a start, or a
   * collector with threads of its own, which adds a tenth. Those that do have the JVM's own choice.
   */
  private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private static final int NEWEST = 25;
  private static final List<Jdk> ALL = find();

  /** The JDKs that every story runs on. */
  public static Stream<Jdk> all() {
    return ALL.stream();
  }

  /** The JDK that runs the build. */
  public static Jdk current() {
    return new Jdk(Runtime.version().feature(), Path.of(System.getProperty("java.home")), QUICK);
  }

  /** As the JVM likes it, for programs that do one thing so often that it is compiled. */
  Jdk withEveryCompiler() {
    return new Jdk(feature, home, List.of());
  }

  /** Whether stories run on no newer one. */
  boolean newest() {
    return feature == ALL.get(ALL.size() - 1).feature();
  }

  /** The same for programs of a mesh. */
  public Java java() {
    return new Java(home, options);
  }

  /** The same for a mesh with a config server of its own, which {@code weft} starts with C1 too. */
  public Java javaOfMesh() {
    List<String> ofServer = new ArrayList<>(QUICK);
    ofServer.addAll(ServerArchive.options(this));
    return new Java(home, options, ofServer);
  }

  /** The beginning of a command: {@code java} and its options. */
  public List<String> launcher() {
    List<String> command = new ArrayList<>(List.of(tool("java").toString()));
    command.addAll(options);
    return command;
  }

  /** The executable of this name. */
  public Path tool(String name) {
    return home.resolve("bin").resolve(name);
  }

  @Override
  public String toString() {
    return "JDK " + feature;
  }

  private static List<Jdk> find() {
    Jdk current = current();
    if (current.feature() == NEWEST) {
      return List.of(current);
    }
    Optional<Path> newest = named().or(Jdk::searched);
    if (newest.isEmpty()) {
      System.err.println(
          "no JDK 25 found (-Dweft.jdk25, WEFT_JDK25, JAVA_25_HOME): the stories run on "
              + current
              + " only");
    }
    return Stream.concat(
            Stream.of(current), newest.stream().map(home -> new Jdk(NEWEST, home, QUICK)))
        .toList();
  }

  /** What someone says counts, and is an error when it is wrong. */
  private static Optional<Path> named() {
    return Stream.of(
            System.getProperty("weft.jdk25", ""),
            System.getenv().getOrDefault("WEFT_JDK25", ""),
            System.getenv().getOrDefault("JAVA_25_HOME", ""))
        .filter(home -> !home.isEmpty())
        .findFirst()
        .map(Path::of)
        .map(
            home -> {
              if (!isNewest(home)) {
                throw new IllegalStateException("not a JDK 25: " + home);
              }
              return home;
            });
  }

  private static Optional<Path> searched() {
    Path user = Path.of(System.getProperty("user.home"));
    List<Path> candidates = new ArrayList<>();
    candidates.addAll(children(Path.of("/usr/lib/jvm")));
    candidates.addAll(children(user.resolve(".sdkman/candidates/java")));
    candidates.addAll(children(user.resolve(".jdks")));
    children(Path.of("/Library/Java/JavaVirtualMachines"))
        .forEach(bundle -> candidates.add(bundle.resolve("Contents/Home")));
    return candidates.stream().filter(Jdk::isNewest).findFirst();
  }

  private static List<Path> children(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static boolean isNewest(Path home) {
    try {
      return Files.isExecutable(home.resolve("bin/java"))
          && Files.readString(home.resolve("release")).contains("JAVA_VERSION=\"" + NEWEST);
    } catch (IOException e) {
      return false;
    }
  }
}
