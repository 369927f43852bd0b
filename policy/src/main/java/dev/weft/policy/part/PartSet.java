package dev.weft.policy.part;

import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All parts that one agent should have. The version is a hash over keys and hashes in order of
 * keys: equal versions mean equal snapshots. Immutable; thread-safe.
 */
public final class PartSet {
  private static final Change NO_CHANGE = new Change(List.of(), List.of());

  /** No parts. */
  public static final PartSet NONE = new PartSet(Shared.of(List.of()), List.of(), "");

  private final Shared shared;
  private final List<Part> own;
  private final String version;

  private PartSet(Shared shared, List<Part> own, String version) {
    this.shared = shared;
    this.own = own;
    this.version = version;
  }

  /** The parts that all agents of a namespace have, hashed once. Immutable. */
  public static final class Shared {
    private final List<Part> parts;
    private final MessageDigest digest;

    /** The agents of a namespace mostly come from the same older parts. */
    private volatile Since last = new Since(new WeakReference<>(null), NO_CHANGE);

    /** A change, and where it starts; weakly, or all that ever was would stay. */
    private record Since(WeakReference<Shared> older, Change change) {}

    private Shared(List<Part> parts, MessageDigest digest) {
      this.parts = parts;
      this.digest = digest;
    }

    /** Takes the parts in any order. */
    public static Shared of(List<Part> parts) {
      List<Part> sorted = sorted(parts);
      MessageDigest digest = Part.sha256();
      sorted.forEach(part -> add(part.key(), part.hash(), digest));
      return new Shared(sorted, digest);
    }

    /** The parts in order of their keys. */
    public List<Part> parts() {
      return parts;
    }

    private Change since(Shared older) {
      Since known = last;
      if (known.older().refersTo(older)) {
        return known.change();
      }
      Change change = compare(older.parts, parts);
      last = new Since(new WeakReference<>(older), change);
      return change;
    }

    /** The digest so far, to go on with; the one in here is never touched. */
    private MessageDigest digest() {
      try {
        return (MessageDigest) digest.clone();
      } catch (CloneNotSupportedException e) {
        MessageDigest again = Part.sha256();
        parts.forEach(part -> add(part.key(), part.hash(), again));
        return again;
      }
    }
  }

  /**
   * What an agent shares with others, and what it has for itself.
   *
   * @param own parts whose keys come after those of all shared ones
   */
  public static PartSet of(Shared shared, List<Part> own) {
    List<Part> sorted = sorted(own);
    MessageDigest digest = shared.digest();
    sorted.forEach(part -> add(part.key(), part.hash(), digest));
    return new PartSet(shared, sorted, Part.text(digest.digest()));
  }

  static List<Part> sorted(List<Part> parts) {
    List<Part> sorted = new ArrayList<>(parts);
    sorted.sort(Comparator.comparing(Part::key));
    return List.copyOf(sorted);
  }

  static void add(String key, String hash, MessageDigest digest) {
    digest.update((key + " " + hash + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Sixteen hexadecimal digits; empty for {@link #NONE}. */
  public String version() {
    return version;
  }

  /** What it shares with the other agents of its namespace. */
  public Shared shared() {
    return shared;
  }

  /** What nobody else has. */
  public List<Part> own() {
    return own;
  }

  /** All of them, in order of keys. */
  public List<Part> parts() {
    List<Part> all = new ArrayList<>(shared.parts().size() + own.size());
    all.addAll(shared.parts());
    all.addAll(own);
    return all;
  }

  /** How one gets from what an agent has to what it should have. */
  public record Change(List<Part> parts, List<String> removed) {

    private Change and(Change other) {
      if (equals(NO_CHANGE)) {
        return other;
      }
      if (other.equals(NO_CHANGE)) {
        return this;
      }
      List<Part> allParts = new ArrayList<>(parts);
      allParts.addAll(other.parts);
      List<String> allRemoved = new ArrayList<>(removed);
      allRemoved.addAll(other.removed);
      return new Change(List.copyOf(allParts), List.copyOf(allRemoved));
    }
  }

  /** The way here from an older set. */
  public Change since(PartSet older) {
    Change common = shared == older.shared ? NO_CHANGE : shared.since(older.shared);
    Change mine = own.equals(older.own) ? NO_CHANGE : compare(older.own, own);
    return common.and(mine);
  }

  /** Both are in order of keys. */
  private static Change compare(List<Part> before, List<Part> now) {
    List<Part> changed = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    int old = 0;
    for (Part part : now) {
      while (old < before.size() && before.get(old).key().compareTo(part.key()) < 0) {
        removed.add(before.get(old++).key());
      }
      boolean known = old < before.size() && before.get(old).key().equals(part.key());
      if (!known || !before.get(old).hash().equals(part.hash())) {
        changed.add(part);
      }
      old += known ? 1 : 0;
    }
    for (; old < before.size(); old++) {
      removed.add(before.get(old).key());
    }
    return new Change(List.copyOf(changed), List.copyOf(removed));
  }

  /**
   * The way here for an agent that told only the hashes of what it has. What it has and should not,
   * is named {@code #<hash>} among the removed.
   */
  public Change since(Set<String> hashes) {
    List<Part> changed = new ArrayList<>();
    Map<String, Part> known = new HashMap<>();
    for (Part part : parts()) {
      if (hashes.contains(part.hash())) {
        known.put(part.hash(), part);
      } else {
        changed.add(part);
      }
    }
    Set<String> gone = new HashSet<>(hashes);
    gone.removeAll(known.keySet());
    return new Change(
        List.copyOf(changed), gone.stream().sorted().map(hash -> "#" + hash).toList());
  }
}
