package dev.weft.agent.weaving;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/** What was woven, and what was not and why; {@code weft status} shows it. Thread-safe. */
public final class Hooks {
  private static final int MOST_REASONS = 16;

  private final Map<String, String> woven = new ConcurrentHashMap<>();
  private final Map<String, String> off = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> unfit = new ConcurrentHashMap<>();

  void woven(String type, String hook) {
    woven.put(type, hook);
  }

  void off(String hook, String reason) {
    off.put(hook, reason);
  }

  /**
   * A class loader has a library that lacks what the hook needs; nothing was woven there, and in
   * others the hook does its work. Of ever new reasons, as an application server may have that
   * unpacks to another folder each time, the first ones are kept.
   *
   * @return whether this reason is new
   */
  boolean unfit(String hook, String reason) {
    Set<String> reasons = unfit.computeIfAbsent(hook, name -> new ConcurrentSkipListSet<>());
    return reasons.size() < MOST_REASONS && reasons.add(reason);
  }

  /** Whether the hook failed when it was woven or linked, or is switched off. */
  public boolean isOff(String hook) {
    return off.containsKey(hook);
  }

  /** Whether there is a class loader in which the hook does not do its work. */
  public boolean isOffSomewhere(String hook) {
    return off.containsKey(hook) || unfit.containsKey(hook);
  }

  boolean isWoven(String type) {
    return woven.containsKey(type);
  }

  /** Hooks that are off everywhere or in some class loaders, with the reasons. */
  public SortedMap<String, String> off() {
    SortedMap<String, String> all = new TreeMap<>();
    unfit.forEach((hook, reasons) -> all.put(hook, String.join(" | ", reasons)));
    all.putAll(off);
    return all;
  }
}
