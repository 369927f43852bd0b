package dev.weft.instrumentation;

import java.util.List;

/**
 * One library that the mesh understands: where it is woven. Stateless; found by {@code
 * ServiceLoader}.
 */
public interface Instrumentation {
  /** Kebab-case name: the Maven module and the switch {@code weft.instrumentation.<name>}. */
  String name();

  /** The woven types, by exact name; there are no hierarchy matchers, they cost start-up time. */
  List<TypeWeave> types();
}
