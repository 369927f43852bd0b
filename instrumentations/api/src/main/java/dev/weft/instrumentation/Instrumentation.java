package dev.weft.instrumentation;

import java.util.List;
import java.util.Map;

/**
 * One library that the mesh understands: where it is woven. Stateless; found by {@code
 * ServiceLoader}.
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

  /**
   * Binary names of adapter classes whose static initialisers resolve every library member that the
   * adapter needs. The agent initialises them, in the adapter's loader, when the first woven method
   * of this instrumentation is linked; if one fails, the instrumentation is off for that library
   * loader, visibly, and the application runs on.
   */
  default List<String> probes() {
    return List.of();
  }
}
