package dev.weft.agent.weaving;

import java.lang.instrument.Instrumentation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Opens packages of the JDK to the agent, so that users need no {@code --add-opens}. Thread-safe.
 */
public final class Packages {
  private final Instrumentation instrumentation;

  /** Uses the JVM's own means for agents. */
  public Packages(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  /**
   * Opens packages of a module of the boot layer; a module that this runtime lacks (jlink) needs
   * none.
   *
   * @param to the modules that may reach inside
   */
  public void open(String module, List<String> packages, Module... to) {
    ModuleLayer.boot()
        .findModule(module)
        .ifPresent(
            found -> {
              Map<String, Set<Module>> opens = new HashMap<>();
              for (String name : packages) {
                opens.put(name, Set.of(to));
              }
              instrumentation.redefineModule(found, Set.of(), Map.of(), opens, Set.of(), Map.of());
            });
  }
}
