package dev.weft.server.diff;

import dev.weft.policy.MeshSettings;
import dev.weft.policy.Service;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.tree.Leaves;
import dev.weft.policy.tree.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Compares two meshes. Stateless; pure. */
public final class MeshDiff {
  private MeshDiff() {}

  /** Everything that becomes different, in order; empty: nothing does. */
  public static List<Change> between(MeshModel before, MeshModel after) {
    Set<Change> changes = new TreeSet<>();
    settings(before.anybody().mesh(), after.anybody().mesh(), changes);
    Set<String> namespaces = new TreeSet<>(before.namespaces());
    namespaces.addAll(after.namespaces());
    for (String namespace : namespaces) {
      own(namespace, before, after, changes);
    }
    for (String namespace : namespaces) {
      others(namespace, before, after, changes);
    }
    Set<String> members = new TreeSet<>(before.members().keySet());
    members.retainAll(after.members().keySet());
    for (String member : members) {
      InboundChanges.add(
          Optional.ofNullable(before.members().get(member)).orElseThrow(),
          Optional.ofNullable(after.members().get(member)).orElseThrow(),
          before,
          after,
          changes);
    }
    return List.copyOf(changes);
  }

  /** The changes as the API has them: {@code risks} counts them, {@code changes} lists all. */
  public static Map<String, Object> toTree(List<Change> changes) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("risks", changes.stream().filter(Change::risk).count());
    tree.put("changes", changes.stream().map(Trees::toTree).toList());
    return tree;
  }

  private static void settings(MeshSettings old, MeshSettings now, Set<Change> changes) {
    for (String identity : now.revoked()) {
      if (!old.revoked().contains(identity)) {
        changes.add(new Change("mesh", identity + " is revoked: nobody talks to it", false));
      }
    }
    for (String identity : old.revoked()) {
      if (!now.revoked().contains(identity)) {
        changes.add(new Change("mesh", identity + " is no longer revoked", true));
      }
    }
    leaves("mesh", "", withoutRevoked(old), withoutRevoked(now), changes);
  }

  private static Map<String, String> withoutRevoked(MeshSettings settings) {
    Map<String, String> leaves = Leaves.of(Trees.toTree(settings));
    leaves.remove("revoked");
    return leaves;
  }

  /** Services as the clients of their own namespace see them. */
  private static void own(
      String namespace, MeshModel before, MeshModel after, Set<Change> changes) {
    Set<String> keys = new TreeSet<>(before.services(namespace).keySet());
    keys.addAll(after.services(namespace).keySet());
    for (String key : keys) {
      Optional<Service> old = before.service(key, namespace);
      Optional<Service> now = after.service(key, namespace);
      Service either = old.or(() -> now).orElseThrow();
      if (!either.namespace().equals(namespace)) {
        continue;
      }
      if (old.isEmpty()) {
        changes.add(
            new Change(
                key,
                "added: " + String.join(", ", either.hosts()) + " on port " + ports(either),
                false));
      } else if (now.isEmpty()) {
        changes.add(
            new Change(key, "removed: calls to it are no longer a matter of the mesh", true));
      } else {
        ServiceChanges.add(old.get(), now.get(), changes);
      }
    }
  }

  /** What clients of a namespace do differently with services of others. */
  private static void others(
      String namespace, MeshModel before, MeshModel after, Set<Change> changes) {
    for (Service now : after.services(namespace).values()) {
      Optional<Service> old = before.service(now.key(), namespace);
      if (now.namespace().equals(namespace) || old.isEmpty()) {
        continue;
      }
      Set<Change> here = new LinkedHashSet<>();
      ServiceChanges.behaviour(old.get(), now, here);
      for (Change change : here) {
        // What everybody sees has been said.
        if (!changes.contains(change)) {
          changes.add(
              new Change(
                  change.subject(),
                  "for clients of namespace " + namespace + ": " + change.text(),
                  change.risk()));
        }
      }
    }
  }

  static String ports(Service service) {
    return String.join(
        ", ", service.ports().stream().map(port -> Integer.toString(port.port())).toList());
  }

  /** A change for every leaf that is another: {@code limits.maxRequests 10 instead of 5}. */
  static void leaves(
      String subject,
      String prefix,
      Map<String, String> old,
      Map<String, String> now,
      Set<Change> changes) {
    differences(old, now).forEach(text -> changes.add(new Change(subject, prefix + text, false)));
  }

  static List<String> differences(Map<String, String> old, Map<String, String> now) {
    List<String> texts = new ArrayList<>();
    Map<String, String> all = new LinkedHashMap<>(old);
    all.putAll(now);
    for (String key : all.keySet()) {
      String was = old.getOrDefault(key, "");
      String is = now.getOrDefault(key, "");
      if (was.equals(is)) {
        continue;
      }
      String name = Words.of(key);
      if (was.isEmpty()) {
        texts.add(name + " becomes " + is);
      } else if (is.isEmpty()) {
        texts.add(name + " is no longer set (was " + was + ")");
      } else {
        texts.add(name + " goes from " + was + " to " + is);
      }
    }
    return texts;
  }

  /** The name by which changes of a member are listed. */
  static String subject(Workload member) {
    String id = member.id();
    int end = id.indexOf("-assumed");
    return member.namespace() + "/" + (end < 0 ? member.service() : id.substring(0, end));
  }
}
