package dev.weft.policy.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads {@code targetRefs}: what a direct policy concerns, always in its own namespace.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-713/">GEP-713, policy attachment</a>
 */
final class TargetRefs {
  private static final int MOST = 16;
  private static final String GATEWAY = "gateway.networking.k8s.io";
  private static final List<String> ROUTES = List.of("HTTPRoute", "GRPCRoute");

  private TargetRefs() {}

  /** Whether a part of a target may be named. */
  private enum Sections {
    NAMED,
    NONE
  }

  /** Services or single ports of theirs, where there must be one. */
  static List<Spec.TargetRef> services(Fields spec, String ownNamespace) {
    require(spec);
    return read(spec, ownNamespace, List.of(), Sections.NAMED).stream()
        .map(FaultPolicySpec.Target::ref)
        .toList();
  }

  /** Services as a whole, or nothing. */
  static List<Spec.TargetRef> wholeServices(Fields spec, String ownNamespace) {
    return read(spec, ownNamespace, List.of(), Sections.NONE).stream()
        .map(FaultPolicySpec.Target::ref)
        .toList();
  }

  /** Services and routes, of which there must be one. */
  static List<FaultPolicySpec.Target> servicesAndRoutes(Fields spec, String ownNamespace) {
    require(spec);
    return read(spec, ownNamespace, ROUTES, Sections.NAMED);
  }

  private static void require(Fields spec) {
    if (!spec.has("targetRefs")) {
      spec.problem(Code.MISSING_FIELD, "field \"targetRefs\" is missing");
    }
  }

  private static List<FaultPolicySpec.Target> read(
      Fields spec, String ownNamespace, List<String> routes, Sections sections) {
    List<Fields> items = spec.objects("targetRefs");
    if (spec.has("targetRefs") && (items.isEmpty() || items.size() > MOST)) {
      spec.problem(Code.BAD_VALUE, "targetRefs", "expected 1 to " + MOST + " targets");
    }
    List<FaultPolicySpec.Target> targets = new ArrayList<>();
    for (Fields item : items) {
      String group = item.text("group").orElse("");
      String kind = item.requiredName("kind");
      String name = item.requiredName("name");
      Optional<String> section =
          sections == Sections.NAMED ? item.text("sectionName") : Optional.empty();
      item.finish();
      boolean service = kind.equals("Service") && (group.isEmpty() || group.equals("core"));
      boolean route = routes.contains(kind) && group.equals(GATEWAY);
      if (service || route) {
        targets.add(
            new FaultPolicySpec.Target(
                kind, new Spec.TargetRef(ownNamespace, name, section, item.place())));
      } else if (!kind.isEmpty() && item.has("kind")) {
        item.problem(Code.NOT_SUPPORTED, "kind", wrongKind(group, kind, routes));
      }
    }
    return List.copyOf(targets);
  }

  private static String wrongKind(String group, String kind, List<String> routes) {
    if (routes.contains(kind)) {
      return kind + " is of group " + GATEWAY + ", found \"" + group + "\"";
    }
    String known = routes.isEmpty() ? "Services" : "Services, HTTPRoutes and GRPCRoutes";
    return "only " + known + " can be targets, found " + kind;
  }
}
