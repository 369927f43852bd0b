package dev.weft.it;

import dev.weft.server.demo.Jars;
import java.io.File;
import java.nio.file.Path;

/** What the build left for the stories. */
public final class Built {
  /** The jars of the reactor. */
  public static final Jars JARS =
      new Jars(Path.of(System.getProperty("weft.root", "..")).toAbsolutePath().normalize());

  private static final Path TARGET = JARS.root().resolve("integration-tests/target");

  private Built() {}

  /** Class path of the programs in the package {@code app}, with Tomcat 10.1. */
  public static String programs() {
    return programs(JARS.root().resolve("examples/shop/target/lib"));
  }

  /** Class path of the programs in the package {@code app}, with Tomcat 10.1 and its WebSockets. */
  static String programsWithWebSockets() {
    return programs() + File.pathSeparator + TARGET.resolve("websocket10") + File.separator + "*";
  }

  /** Class path of the programs in the package {@code app}, with Tomcat 11 and its WebSockets. */
  static String programsWithTomcat11() {
    return programs(TARGET.resolve("tomcat11"));
  }

  /**
   * Class path of whole systems and of the programs in the package {@code systems}.
   *
   * @param libraries {@code lib}, or {@code netty42} for those of Netty 4.2 alone
   */
  static String systems(String libraries) {
    Path target = JARS.root().resolve("integration-tests/systems/target");
    return target.resolve("weft-test-systems.jar")
        + File.pathSeparator
        + target.resolve(libraries)
        + File.separator
        + "*";
  }

  /** The application of the package {@code boot}, an executable jar of this Spring Boot. */
  static Path springBoot(int version) {
    return JARS.root()
        .resolve("integration-tests/spring/boot" + version)
        .resolve("target/weft-test-boot" + version + ".jar");
  }

  /** The programs in the package {@code clients}. */
  public static Path clients() {
    return JARS.root().resolve("integration-tests/clients/target");
  }

  /** A folder with agents of others. */
  static Path agents() {
    return TARGET.resolve("agents");
  }

  /** Where the build of these tests leaves things. */
  public static Path target() {
    return TARGET;
  }

  /** Where a story's folders lie; they stay until {@code mvn clean}. */
  public static Path stories() {
    return TARGET.resolve("stories");
  }

  private static String programs(Path libraries) {
    return TARGET.resolve("test-classes") + File.pathSeparator + libraries + File.separator + "*";
  }
}
