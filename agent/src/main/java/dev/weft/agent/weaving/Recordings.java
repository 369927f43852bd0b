package dev.weft.agent.weaving;

import dev.weft.members.Recording;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the build has recorded of each hook, read when it is first asked for. Thread-safe. */
public final class Recordings {
  private final ClassLoader adapters;
  private final Map<String, Recording> read = new ConcurrentHashMap<>();

  /** The recordings that a loader of adapters finds among its resources. */
  public Recordings(ClassLoader adapters) {
    this.adapters = adapters;
  }

  /**
   * What a hook needs.
   *
   * @throws IllegalStateException when the build has recorded nothing for it
   */
  Recording of(String hook) {
    Recording recording = read.get(hook);
    if (recording == null) {
      // Not within the map: reading may lead to other classes of ours, and to locks that we do not
      // know.
      recording = Recording.load(hook, adapters);
      read.put(hook, recording);
    }
    return recording;
  }
}
