package dev.weft.policy.document;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the parents of Gateway API's routes: the Services whose calls they take (GEP-1426), and
 * Istio's {@code ServiceEntry}s.
 */
final class ParentRefs {
  private static final int MAX_PORT = 65_535;
  private static final int MOST = 32;

  private ParentRefs() {}

  static List<Spec.Parent> read(Fields fields, String ownNamespace) {
    List<Spec.Parent> parents = new ArrayList<>();
    Map<String, Set<String>> seen = new HashMap<>();
    for (Fields item : fields.objects("parentRefs")) {
      String kind = item.text("kind").orElse("Gateway");
      String group = item.text("group").orElse("");
      String name = item.requiredName("name");
      String namespace = item.text("namespace").orElse(ownNamespace);
      Optional<Integer> port = item.number("port", 1, MAX_PORT);
      Optional<String> sectionName = item.text("sectionName");
      item.finish();
      if (kind.equals("Service") && (group.isEmpty() || group.equals("core"))) {
        parents.add(new Spec.ParentRef(namespace, name, port, sectionName, item.place()));
      } else if (kind.equals("ServiceEntry") && group.equals("networking.istio.io")) {
        parents.add(new Spec.EntryRef(namespace, name, port, sectionName, item.place()));
      } else {
        item.problem(
            Code.NOT_ENFORCED,
            "a parent of kind " + kind + " is not part of the mesh; only Services are");
        continue;
      }
      String section = sectionName.orElse("") + ":" + port.map(String::valueOf).orElse("");
      Set<String> sections =
          seen.computeIfAbsent(kind + " " + namespace + "/" + name, key -> new HashSet<>());
      if (!sections.isEmpty()
          && (section.equals(":") || sections.contains(":") || sections.contains(section))) {
        item.problem(
            Code.NOT_PORTABLE,
            "the same parent stands here twice; Kubernetes wants other ports or sectionNames then");
      }
      sections.add(section);
    }
    if (parents.isEmpty()) {
      fields.problem(
          Code.NOT_ENFORCED, "the route has no parentRef to a Service; it has no effect");
    }
    Portability.limit(fields, "parentRefs", MOST);
    return parents;
  }
}
