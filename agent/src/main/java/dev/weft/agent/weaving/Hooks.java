package dev.weft.agent.weaving;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What was woven, and what was not and why; {@code weft status} shows it. Thread-safe. */
public final class Hooks {
  private final Map<String, String> woven = new ConcurrentHashMap<>();
  private final Map<String, String> off = new ConcurrentHashMap<>();

  void woven(String type, String hook) {
    woven.put(type, hook);
  }

  void off(String hook, String reason) {
    off.put(hook, reason);
  }

  /** Whether the hook failed somewhere, or is switched off: nothing may rely on it. */
  public boolean isOff(String hook) {
    return off.containsKey(hook);
  }

  boolean isWoven(String type) {
    return woven.containsKey(type);
  }

  /** Hooks that are off, with the reason. */
  public SortedMap<String, String> off() {
    return new TreeMap<>(off);
  }
}
