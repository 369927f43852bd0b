package dev.weft.policy.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code RateLimitPolicy}: limits of connections that no standard has. */
final class RateLimitPolicyReader {
  private static final int MOST = 10_000_000;

  private RateLimitPolicyReader() {}

  static Spec read(Fields document, String ownNamespace) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    fields.refuseEmptyFields();
    List<Spec.TargetRef> targets = new ArrayList<>();
    for (Fields item : fields.objects("targetRefs")) {
      target(item, ownNamespace).ifPresent(targets::add);
    }
    if (targets.isEmpty() && !fields.has("targetRefs")) {
      fields.problem(Code.MISSING_FIELD, "field \"targetRefs\" is missing");
    }
    Optional<Integer> max = Optional.empty();
    Optional<Fields> connections = fields.object("connections");
    if (connections.isPresent()) {
      connections.get().refuseEmptyFields();
      max = required(connections.get(), "max");
      connections.get().finish();
    }
    Optional<Integer> perSecond = Optional.empty();
    Optional<Integer> burst = Optional.empty();
    Optional<Fields> handshakes = fields.object("handshakes");
    if (handshakes.isPresent()) {
      handshakes.get().refuseEmptyFields();
      perSecond = required(handshakes.get(), "perSecond");
      burst = handshakes.get().number("burst", 1, MOST);
      handshakes.get().finish();
    }
    if (connections.isEmpty() && handshakes.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "limits nothing; expected connections or handshakes");
    }
    fields.finish();
    return new Spec.RateLimitPolicySpec(List.copyOf(targets), max, perSecond, burst);
  }

  private static Optional<Integer> required(Fields fields, String name) {
    if (!fields.has(name)) {
      fields.problem(Code.MISSING_FIELD, "field \"" + name + "\" is missing");
    }
    return fields.number(name, 1, MOST);
  }

  /** As GEP-713 has it: a direct policy concerns targets of its own namespace only. */
  private static Optional<Spec.TargetRef> target(Fields item, String ownNamespace) {
    String group = item.text("group").orElse("");
    String kind = item.requiredText("kind");
    String name = item.requiredText("name");
    Optional<String> section = item.text("sectionName");
    item.finish();
    if (!kind.isEmpty() && !(kind.equals("Service") && (group.isEmpty() || group.equals("core")))) {
      item.problem(Code.NOT_SUPPORTED, "kind", "only Services can be limited, found " + kind);
      return Optional.empty();
    }
    return Optional.of(new Spec.TargetRef(ownNamespace, name, section, item.place()));
  }
}
