package dev.weft.policy.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the parents of Gateway API's routes: the Services whose calls they take (GEP-1426). */
final class ParentRefs {
  private static final int MAX_PORT = 65_535;

  private ParentRefs() {}

  static List<Spec.Parent> read(Fields fields, String ownNamespace) {
    List<Spec.Parent> parents = new ArrayList<>();
    for (Fields item : fields.objects("parentRefs")) {
      String kind = item.text("kind").orElse("Gateway");
      String group = item.text("group").orElse("");
      String name = item.requiredText("name");
      String namespace = item.text("namespace").orElse(ownNamespace);
      Optional<Integer> port = item.number("port", 1, MAX_PORT);
      Optional<String> sectionName = item.text("sectionName");
      item.finish();
      if (kind.equals("Service") && (group.isEmpty() || group.equals("core"))) {
        parents.add(new Spec.ParentRef(namespace, name, port, sectionName, item.place()));
      } else {
        item.problem(
            Code.NOT_ENFORCED,
            "a parent of kind " + kind + " is not part of the mesh; only Services are");
      }
    }
    if (parents.isEmpty()) {
      fields.problem(
          Code.NOT_ENFORCED, "the route has no parentRef to a Service; it has no effect");
    }
    return parents;
  }
}
