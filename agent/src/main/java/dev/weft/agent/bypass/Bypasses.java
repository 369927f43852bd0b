package dev.weft.agent.bypass;

import dev.weft.agent.log.Log;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Bypasses of the mesh whose classes this JVM has loaded. That a class is loaded does not prove
 * that it is used, so this says too much rather than too little. Thread-safe.
 */
public final class Bypasses {
  private final Predicate<String> hookOff;
  private final Runnable found;
  private final Log log;
  private final Map<String, KnownBypass> knownBySimpleName = KnownBypass.bySimpleName();
  private final Map<String, KnownBypass> loaded = new ConcurrentHashMap<>();

  /**
   * None yet.
   *
   * @param hookOff whether an instrumentation, by name, does not do its work
   * @param found called when there is one more; must not block
   */
  public Bypasses(Predicate<String> hookOff, Runnable found, Log log) {
    this.hookOff = hookOff;
    this.found = found;
    this.log = log;
  }

  /**
   * A class is being loaded; called for every one.
   *
   * @param className with slashes
   * @param simpleName what follows its last slash
   */
  public void loading(String className, String simpleName) {
    KnownBypass known = knownBySimpleName.get(simpleName);
    if (known == null
        || !known.matches(className)
        || loaded.put(className, known) != null
        || !open(known)) {
      return;
    }
    log.warn(
        "bypass found what=\""
            + known.what()
            + "\" class="
            + className.replace('/', '.')
            + ": its connections are outside the mesh");
    found.run();
  }

  /** One line for each: what it is, and the class that showed it. */
  public List<String> list() {
    return loaded.entrySet().stream()
        .filter(entry -> open(entry.getValue()))
        .map(entry -> entry.getValue().what() + " (" + entry.getKey().replace('/', '.') + ")")
        .sorted()
        .toList();
  }

  private boolean open(KnownBypass known) {
    return known.steeredBy() == null || hookOff.test(known.steeredBy());
  }
}
