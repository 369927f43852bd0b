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
    List<Variant> known = variants.computeIfAbsent(key + "\n" + owner, id -> new ArrayList<>(1));
    for (Variant variant : known) {
      // Records compare their components by identity first: what a compiler kept costs nothing.
      if (variant.value.equals(value)) {
        variant.used = round;
        return variant.part;
      }
    }
    Part made = Part.of(key, value);
    for (Variant variant : known) {
      if (variant.part.hash().equals(made.hash())) {
        variant.used = round;
        return variant.part; // equal but for what has no text
      }
    }
    known.add(new Variant(value, made, round));
    return made;
  }

  /** Forgets what nobody has asked for since the call before the last one. */
  public synchronized void forgetUnused() {
    int oldest = round++;
    variants
        .values()
        .removeIf(
            known -> {
              known.removeIf(variant -> variant.used < oldest);
              return known.isEmpty();
            });
  }
}
