package dev.weft.server.enroll;

import dev.weft.policy.SpiffeId;
import dev.weft.policy.tree.Trees;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What each identity may register as: the services, and the labels, of the join tokens that it
 * enrolled with. A certificate does not carry them, so without this any identity of a namespace
 * could become an endpoint of any service there. Kept in the state folder, and for good: renewal
 * needs no token. Thread-safe.
 */
public final class Grants {
  private static final String FILE = "grants.json";

  private final StateFolder state;
  private final Map<String, List<Grant>> byIdentity = new TreeMap<>();

  private Grants(StateFolder state) {
    this.state = state;
  }

  /**
   * What one token granted.
   *
   * @param labels the only value that the workload may have for each of these labels
   */
  private record Grant(String service, Map<String, String> labels) {
    /** Whether no label that the token fixed has another value; a missing one says nothing. */
    boolean allows(String asService, Map<String, String> claimed) {
      return (asService.isEmpty() || asService.equals(service))
          && labels.entrySet().stream()
              .allMatch(
                  fixed ->
                      fixed.getKey().equals("app")
                          || claimed
                              .getOrDefault(fixed.getKey(), fixed.getValue())
                              .equals(fixed.getValue()));
    }
  }

  /** All grants of one identity, as they stand in the file. */
  private record Granted(List<Grant> grants) {}

  /** The grants of a state folder, of which this server is the only user. */
  public static Grants open(StateFolder state) throws IOException {
    Grants grants = new Grants(state);
    Optional<byte[]> content = state.read(FILE);
    if (content.isPresent()) {
      try {
        for (Map.Entry<String, Object> entry : Json.object(content.get()).entrySet()) {
          if (!(entry.getValue() instanceof Map<?, ?> tree)) {
            throw new IllegalArgumentException(entry.getKey() + " is no object");
          }
          grants.byIdentity.put(entry.getKey(), Trees.fromTree(tree, Granted.class).grants());
        }
      } catch (Refusal | IllegalArgumentException e) {
        throw new IOException(
            "state file " + FILE + " is damaged: " + e.getMessage() + "; restore it", e);
      }
    }
    return grants;
  }

  /** Notes, durably, what a token grants to its identity. */
  synchronized void add(SpiffeId id, TokenGrant token) throws IOException {
    Grant grant = new Grant(token.service(), Map.copyOf(token.labels()));
    List<Grant> before = byIdentity.getOrDefault(id.toString(), List.of());
    if (before.contains(grant)) {
      return;
    }
    List<Grant> after = new ArrayList<>(before);
    after.add(grant);
    Map<String, Object> tree = new TreeMap<>();
    byIdentity.forEach((identity, grants) -> tree.put(identity, Trees.toTree(new Granted(grants))));
    tree.put(id.toString(), Trees.toTree(new Granted(after)));
    state.write(FILE, Json.bytes(tree));
    byIdentity.put(id.toString(), List.copyOf(after));
  }

  /**
   * Decides whether an identity may register as this service with these labels. One that never
   * enrolled by token here may: its certificate comes from elsewhere, and nothing is known of it.
   *
   * @param service as claimed; empty: whatever was granted
   * @return the service it registers as: the only one granted when it claims none
   * @throws Refusal {@code service-not-granted} or {@code label-not-granted}
   */
  public synchronized String admit(SpiffeId id, String service, Map<String, String> labels)
      throws Refusal {
    List<Grant> grants = byIdentity.get(id.toString());
    if (grants == null) {
      return service;
    }
    Set<String> services = new LinkedHashSet<>();
    grants.forEach(grant -> services.add(grant.service()));
    String registered =
        service.isEmpty() && services.size() == 1 ? services.iterator().next() : service;
    if (!registered.isEmpty() && !services.contains(registered)) {
      throw new Refusal(
          Kind.FORBIDDEN,
          "service-not-granted",
          "The join token of "
              + id
              + " was for service "
              + String.join(", ", services)
              + ", not for "
              + registered
              + "; make a token for it, or correct weft.service.");
    }
    String app = labels.getOrDefault("app", registered);
    boolean appGranted =
        app.isEmpty()
            || services.contains(app)
            || grants.stream().anyMatch(grant -> app.equals(grant.labels().get("app")));
    if (!appGranted) {
      throw new Refusal(
          Kind.FORBIDDEN,
          "service-not-granted",
          "Label app="
              + app
              + " would make "
              + id
              + " an endpoint of another service than "
              + String.join(", ", services)
              + "; make a token with --label app="
              + app
              + ", or correct weft.labels.");
    }
    if (grants.stream().noneMatch(grant -> grant.allows(registered, labels))) {
      throw new Refusal(
          Kind.FORBIDDEN,
          "label-not-granted",
          "The join token of "
              + id
              + " fixes labels "
              + grants.stream().map(grant -> new TreeMap<>(grant.labels())).distinct().toList()
              + ", and the workload says "
              + new TreeMap<>(labels)
              + "; correct weft.labels.");
    }
    return registered;
  }
}
