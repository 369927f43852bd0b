package dev.weft.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * Loads and initialises, before the seam is switched on, what application threads will need of us
 * inside the JDK's socket calls. They make those calls under locks that we do not know, perhaps
 * while a class loader of theirs reads a class from the network; loading our classes there is how
 * agents come to hang an application at start. And a class whose initialisation is hit by a stack
 * overflow deep inside an application would be lost to all others.
 */
final class Preload {
  private static final Set<String> PACKAGES =
      Set.of(
          "dev.weft.agent.wire",
          "dev.weft.agent.balance",
          "dev.weft.agent.control",
          "dev.weft.policy");

  /** Loaded only: to initialise it would load BoringSSL, also where the JDK's TLS is wanted. */
  private static final String ENGINES = "dev.weft.agent.identity";

  /** Of packages that hold much else. */
  private static final List<String> CLASSES =
      List.of(
          "dev.weft.agent.telemetry.ConnectionEnds",
          "dev.weft.agent.telemetry.ConnectionMetrics",
          "dev.weft.agent.telemetry.ConnectionMetrics$Series",
          "dev.weft.agent.telemetry.IstioLabels",
          "dev.weft.agent.telemetry.IstioLabels$End",
          "dev.weft.agent.telemetry.Party");

  /** The names of our classes, one a line, as the build has found them. */
  private static final String INDEX = "META-INF/weft/classes";

  private Preload() {}

  /**
   * Everything it loads would be loaded a little later anyway.
   *
   * @param engines whether there can be TLS engines: not without an identity
   */
  static void run(ClassLoader loader, boolean engines) {
    for (String name : index(loader)) {
      String packageName = name.substring(0, name.lastIndexOf('.'));
      if (packageName.equals(ENGINES)) {
        if (engines) {
          load(name, false, loader);
        }
      } else if (PACKAGES.contains(packageName)) {
        load(name, true, loader);
      }
    }
    for (String name : CLASSES) {
      load(name, true, loader);
    }
  }

  private static List<String> index(ClassLoader loader) {
    InputStream resource = loader.getResourceAsStream(INDEX);
    if (resource == null) {
      throw new IllegalStateException("the agent's jar lacks " + INDEX);
    }
    try (resource) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new IllegalStateException("the agent's jar cannot be read", e);
    }
  }

  private static void load(String name, boolean initialise, ClassLoader loader) {
    try {
      Class.forName(name, initialise, loader);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    } catch (LinkageError forAnotherPlatform) {
      // a class that looks up what this system's JDK does not have, and so nobody will need
    }
  }
}
