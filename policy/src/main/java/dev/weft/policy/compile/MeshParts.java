package dev.weft.policy.compile;

import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Service;
import dev.weft.policy.part.Bodies;
import dev.weft.policy.part.Part;
import dev.weft.policy.part.PartSet;
import dev.weft.policy.part.PartStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cuts a mesh into the parts that agents get. Which services belong together is read from the texts
 * of their parts, so that no kind of route must be known here: a service that another one names, as
 * backend say, comes with it. Thread-safe.
 */
final class MeshParts {
  private final CompiledMesh mesh;
  private final List<CompiledService> services;
  private final Visibility visibility;
  private final SortedMap<String, Bodies.Workloads> identities;

  /** What most namespaces are told of another; worked out on demand. */
  private final Map<String, Directory> directories = new ConcurrentHashMap<>();

  private final Map<String, Told> entries = new ConcurrentHashMap<>();
  private final Map<String, Told> before;

  /** The parts of the identities, which are everybody's; guarded by this. */
  private List<Part> identityParts = List.of();

  private final Map<String, CompiledService> byKey = new HashMap<>();
  private final Map<String, View> views = new ConcurrentHashMap<>();

  /** {@code before} are entries of an earlier mesh's parts. */
  MeshParts(
      CompiledMesh mesh,
      List<CompiledService> services,
      Visibility visibility,
      Map<String, Told> before) {
    this.mesh = mesh;
    this.services = services;
    this.visibility = visibility;
    this.before = before;
    this.identities = mesh.identities().byPart();
    services.forEach(service -> byKey.put(service.key(), service));
  }

  private record Directory(List<DirectoryEntry> entries, Part part) {}

  /** An entry, and of which service it is. */
  record Told(CompiledService service, DirectoryEntry entry) {

    /** Whether it is an entry of this service, too. */
    boolean isOf(CompiledService other) {
      return service.sameShape(other) && service.virtualAddress().equals(other.virtualAddress());
    }
  }

  /**
   * What the clients of a namespace share.
   *
   * @param sharesLimits whether the instances of a client share a limit of what they call
   */
  private record View(PartSet.Shared shared, Set<String> services, boolean sharesLimits) {}

  PartSet of(Workload workload, Collection<String> wanted, PartStore store) {
    String namespace = workload.namespace();
    View view = views.computeIfAbsent(namespace, name -> view(name, store));
    List<Part> own = new ArrayList<>();
    own.add(
        store.part(
            workload.id(),
            Bodies.SELF,
            new Bodies.Self(mesh.inbound(workload), mesh.accessLog(workload))));
    boolean sharesLimits = view.sharesLimits();
    if (!wanted.isEmpty()) {
      List<CompiledService> asked = new ArrayList<>();
      for (String key : wanted) {
        CompiledService service = byKey.get(key);
        if (service != null && visibility.of(service, namespace) != Visibility.Sight.NEVER) {
          asked.add(service);
          sharesLimits |= mesh.sharesLimits(service);
        }
      }
      own.addAll(withBackends(asked, view.services(), namespace, Bodies.WANTED, store).values());
    }
    if (sharesLimits) {
      // A part of its own: who shares nothing is not woken by every start and end of a client.
      own.add(
          store.part(
              workload.id(), Bodies.INSTANCES, new Bodies.Instances(mesh.instances(workload))));
    }
    return PartSet.of(view.shared(), own);
  }

  private View view(String namespace, PartStore store) {
    List<Part> parts = new ArrayList<>();
    parts.add(
        store.part(
            Bodies.MESH, new Bodies.Mesh(mesh.trustDomain(), mesh.trustBundle(), mesh.settings())));
    parts.addAll(identityParts(store));
    List<CompiledService> atOnce = new ArrayList<>();
    for (CompiledService service : services) {
      if (visibility.of(service, namespace) == Visibility.Sight.AT_ONCE) {
        atOnce.add(service);
      }
    }
    Map<String, Part> told = withBackends(atOnce, Set.of(), namespace, Bodies.SERVICE, store);
    parts.addAll(told.values());
    parts.addAll(directory(namespace, store));
    return new View(
        store.shared(namespace, parts),
        Set.copyOf(told.keySet()),
        services.stream()
            .anyMatch(service -> told.containsKey(service.key()) && mesh.sharesLimits(service)));
  }

  private synchronized List<Part> identityParts(PartStore store) {
    if (identityParts.size() != identities.size()) {
      List<Part> made = new ArrayList<>(identities.size());
      identities.forEach((key, identity) -> made.add(store.part(key, identity)));
      identityParts = List.copyOf(made);
    }
    return identityParts;
  }

  /** Services by key, those that they name among them, and those that these name. */
  private Map<String, Part> withBackends(
      List<CompiledService> begin,
      Set<String> known,
      String namespace,
      String prefix,
      PartStore store) {
    Map<String, Part> parts = new LinkedHashMap<>();
    Deque<CompiledService> open = new ArrayDeque<>(begin);
    Set<String> queued = new HashSet<>(known);
    begin.forEach(service -> queued.add(service.key()));
    while (!open.isEmpty()) {
      CompiledService service = open.remove();
      if (known.contains(service.key())) {
        continue;
      }
      Part part = store.part(prefix + service.key(), seen(service, namespace));
      parts.put(service.key(), part);
      for (String word : part.words()) {
        CompiledService named = byKey.get(word);
        if (named != null && queued.add(word)) {
          open.add(named);
        }
      }
    }
    return parts;
  }

  /** A backend that clients may not call themselves has no name for them. */
  private Service seen(CompiledService service, String namespace) {
    return visibility.of(service, namespace) == Visibility.Sight.NEVER
        ? mesh.seen(service, namespace, List.of())
        : mesh.seen(service, namespace);
  }

  /** Everything that is heard of on demand, whether or not somebody has asked, by namespace. */
  private List<Part> directory(String namespace, PartStore store) {
    Map<String, List<DirectoryEntry>> names = new TreeMap<>();
    for (CompiledService service : services) {
      if (visibility.of(service, namespace) == Visibility.Sight.ON_DEMAND) {
        names
            .computeIfAbsent(service.namespace(), name -> new ArrayList<>())
            .add(entry(service, namespace));
      }
    }
    List<Part> parts = new ArrayList<>();
    names.forEach((name, entries) -> parts.add(directory(name, entries, store)));
    return parts;
  }

  /** Nearly all namespaces are told the same of another. */
  private Part directory(String name, List<DirectoryEntry> entries, PartStore store) {
    Directory usual =
        directories.computeIfAbsent(
            name, key -> new Directory(List.copyOf(entries), part(name, entries, store)));
    return usual.entries().equals(entries) ? usual.part() : part(name, entries, store);
  }

  private static Part part(String name, List<DirectoryEntry> entries, PartStore store) {
    return store.part(Bodies.DIRECTORY + name, new Bodies.Directory(List.copyOf(entries)));
  }

  /** Names that documents of several namespaces claim are not everybody's. */
  private DirectoryEntry entry(CompiledService service, String namespace) {
    return service.ownHosts().isEmpty()
        ? entries.computeIfAbsent(service.key(), key -> told(service, namespace)).entry()
        : made(service, namespace);
  }

  private Told told(CompiledService service, String namespace) {
    Told last = before.get(service.key());
    return last != null && last.isOf(service)
        ? new Told(service, last.entry())
        : new Told(service, made(service, namespace));
  }

  /** What the parts of the next mesh may take over. */
  Map<String, Told> entries() {
    return entries;
  }

  private DirectoryEntry made(CompiledService service, String namespace) {
    return new DirectoryEntry(
        service.name(),
        service.namespace(),
        mesh.hosts(service, namespace),
        service.virtualAddress());
  }
}
