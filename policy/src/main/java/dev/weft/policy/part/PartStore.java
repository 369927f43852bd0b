package dev.weft.policy.part;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Remembers the parts of the last compilations, so that an unchanged record costs a comparison
 * instead of a text and a hash, and agents that need the same bytes share them. Thread-safe.
 */
public final class PartStore {
  private final Map<String, List<Variant>> variants = new HashMap<>();
  private final Map<String, PartSet.Shared> known = new HashMap<>();
  private int round;

  /** One content of a key: clients of different namespaces may see a service differently. */
  private static final class Variant {
    final Record value;
    final Part part;
    int used;

    Variant(Record value, Part part, int used) {
      this.value = value;
      this.part = part;
      this.used = used;
    }
  }

  /** The part of a record; the same object as long as equal records come. */
  public Part part(String key, Record value) {
    return part("", key, value);
  }

  /**
   * The part of a record that one workload has for itself.
   *
   * @param owner the workload's name, so that those of others are not looked through
   */
  public synchronized Part part(String owner, String key, Record value) {
    List<Variant> contents = variants.computeIfAbsent(key + "\n" + owner, id -> new ArrayList<>(1));
    for (Variant variant : contents) {
      // Records compare their components by identity first: what a compiler kept costs nothing.
      if (variant.value.equals(value)) {
        variant.used = round;
        return variant.part;
      }
    }
    Part made = Part.of(key, value);
    for (Variant variant : contents) {
      if (variant.part.hash().equals(made.hash())) {
        variant.used = round;
        return variant.part; // equal but for what has no text
      }
    }
    contents.add(new Variant(value, made, round));
    return made;
  }

  /**
   * What all agents of a namespace share; the same object as long as the same parts come.
   *
   * @param parts made by this store
   */
  public synchronized PartSet.Shared shared(String namespace, List<Part> parts) {
    PartSet.Shared made = known.get(namespace);
    if (made == null || !made.parts().equals(PartSet.sorted(parts))) {
      made = PartSet.Shared.of(parts);
      known.put(namespace, made);
    }
    return made;
  }

  /** Forgets what nobody has asked for since the call before the last one. */
  public synchronized void forgetUnused() {
    int oldest = round++;
    variants
        .values()
        .removeIf(
            contents -> {
              contents.removeIf(variant -> variant.used < oldest);
              return contents.isEmpty();
            });
  }
}
