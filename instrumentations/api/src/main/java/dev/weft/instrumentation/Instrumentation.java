package dev.weft.instrumentation;

import java.util.List;
import java.util.Map;

/**
 * One library that the mesh understands: where it is woven. Stateless; found by {@code
 * ServiceLoader}.
 *
 * <p>What the adapter needs of the library is recorded by the build, from the classes that its
 * advice leads to, in {@code META-INF/weft/<name>.members}. The agent compares that with each class
 * loader's library before it weaves anything there. Where something is missing, the hook is off in
 * that loader, visibly, and the application runs on. See {@link HiddenMembers} for what Java cannot
 * name, and {@link OptionalMembers} for what only some versions have.
 */
public interface Instrumentation {
  /** Kebab-case name: the Maven module and the switch {@code weft.instrumentation.<name>}. */
  String name();

  /** The woven types, by exact name; there are no hierarchy matchers, they cost start-up time. */
  List<TypeWeave> types();

  /**
   * Packages of named modules into which the adapter reaches with method handles: module name to
   * package names. The agent opens them to the adapter's own module before the adapter is loaded,
   * so that nobody has to pass {@code --add-opens}. Empty for libraries on the class path.
   */
  default Map<String, List<String>> opens() {
    return Map.of();
  }
}
