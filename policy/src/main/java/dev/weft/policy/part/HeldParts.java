package dev.weft.policy.part;

import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.MeshWorkload;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.tree.JsonText;
import dev.weft.policy.tree.Trees;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parts that an agent holds, and the snapshot they make. Records of unchanged parts stay the
 * same objects from one version to the next. Immutable; thread-safe.
 */
public final class HeldParts {
  /** Nothing yet. */
  public static final HeldParts NONE = new HeldParts(new TreeMap<>(), "");

  private final SortedMap<String, Held> parts;
  private final String version;

  private HeldParts(SortedMap<String, Held> parts, String version) {
    this.parts = parts;
    this.version = version;
  }

  /** A part; without value when its key is of a later version. */
  private record Held(String hash, @Nullable Record value) {}

  /** What came does not fit what is held; asking for everything again helps. */
  public static final class MismatchException extends Exception {
    private static final long serialVersionUID = 1L;

    MismatchException(String message) {
      super(message);
    }
  }

  /**
   * The parts after a change; these stay as they are.
   *
   * @param base the version that the change starts from; empty: from nothing
   * @param wanted the version that must come out
   * @param changed bodies as trees, by key
   * @param removed keys, or {@code #} and the hash of a part
   * @throws MismatchException when another base is held, or another version comes out
   * @throws IllegalArgumentException when a body does not fit its key
   */
  public HeldParts with(String base, String wanted, Map<?, ?> changed, List<?> removed)
      throws MismatchException {
    if (!base.isEmpty() && !base.equals(version)) {
      throw new MismatchException(
          "the change starts from version " + base + ", held is " + describe(version));
    }
    SortedMap<String, Held> now = base.isEmpty() ? new TreeMap<>() : new TreeMap<>(parts);
    Set<String> gone = new HashSet<>();
    removed.forEach(key -> gone.add(String.valueOf(key)));
    now.entrySet()
        .removeIf(
            part -> gone.contains(part.getKey()) || gone.contains("#" + part.getValue().hash()));
    changed.forEach((key, body) -> now.put(String.valueOf(key), held(String.valueOf(key), body)));
    String reached = version(now);
    if (!reached.equals(wanted)) {
      throw new MismatchException("expected version " + wanted + ", its parts make " + reached);
    }
    return new HeldParts(now, reached);
  }

  private static Held held(String key, @Nullable Object body) {
    if (!(body instanceof Map<?, ?> tree)) {
      throw new IllegalArgumentException(key + ": expected an object");
    }
    Class<? extends Record> type = Bodies.type(key);
    try {
      return new Held(
          Part.hash(key, JsonText.bytes(tree)), type == null ? null : Trees.fromTree(tree, type));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  private static String version(SortedMap<String, Held> parts) {
    MessageDigest digest = Part.sha256();
    parts.forEach((key, held) -> PartSet.add(key, held.hash(), digest));
    return Part.text(digest.digest());
  }

  private static String describe(String version) {
    return version.isEmpty() ? "none" : version;
  }

  /** Sixteen hexadecimal digits; empty: no parts. */
  public String version() {
    return version;
  }

  /** How many. */
  public int size() {
    return parts.size();
  }

  /** All hashes, eight bytes each, as base64: how an agent tells a server what it has. */
  public String hashes() {
    byte[] all = new byte[parts.size() * Part.HASH_BYTES];
    int at = 0;
    for (Held held : parts.values()) {
      byte[] hash = HexFormat.of().parseHex(held.hash());
      System.arraycopy(hash, 0, all, at, hash.length);
      at += hash.length;
    }
    return Base64.getEncoder().encodeToString(all);
  }

  /**
   * The hashes in a text of {@link #hashes}.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Set<String> parseHashes(String text) {
    byte[] all = Base64.getDecoder().decode(text);
    if (all.length % Part.HASH_BYTES != 0) {
      throw new IllegalArgumentException("hashes are " + Part.HASH_BYTES + " bytes each");
    }
    Set<String> hashes = new HashSet<>();
    for (int i = 0; i < all.length; i += Part.HASH_BYTES) {
      hashes.add(HexFormat.of().formatHex(all, i, i + Part.HASH_BYTES));
    }
    return hashes;
  }

  /**
   * The snapshot that these parts make.
   *
   * @throws IllegalArgumentException when an essential part is missing
   */
  public Snapshot snapshot() {
    List<Service> services = new ArrayList<>();
    List<MeshWorkload> workloads = new ArrayList<>();
    List<DirectoryEntry> directory = new ArrayList<>();
    for (Held held : parts.values()) {
      if (held.value() instanceof Service service) {
        services.add(service);
      } else if (held.value() instanceof Bodies.Workloads identity) {
        for (Bodies.Place place : identity.places()) {
          workloads.add(new MeshWorkload(place.address(), identity.spiffeId(), place.ports()));
        }
      } else if (held.value() instanceof Bodies.Directory names) {
        directory.addAll(names.services());
      }
    }
    services.sort(Comparator.comparing(Service::key));
    workloads.sort(Comparator.comparing(MeshWorkload::address)); // stable: then by identity
    Set<String> present = new HashSet<>();
    services.forEach(service -> present.add(service.key()));
    directory.removeIf(entry -> present.contains(entry.key()));
    Bodies.Mesh mesh = essential(Bodies.MESH, Bodies.Mesh.class);
    Bodies.Self self = essential(Bodies.SELF, Bodies.Self.class);
    return new Snapshot(
        version,
        mesh.trustDomain(),
        mesh.trustBundle(),
        self.inbound(),
        List.copyOf(services),
        List.copyOf(workloads),
        mesh.settings(),
        self.accessLog(),
        List.copyOf(directory),
        instances());
  }

  private Optional<Integer> instances() {
    Held held = parts.get(Bodies.INSTANCES);
    return held != null && held.value() instanceof Bodies.Instances instances
        ? Optional.of(instances.live())
        : Optional.empty();
  }

  private <T extends Record> T essential(String key, Class<T> type) {
    Held held = parts.get(key);
    if (held == null || held.value() == null) {
      throw new IllegalArgumentException("part " + key + " is missing");
    }
    return type.cast(held.value());
  }
}
