package dev.weft.policy.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads which workloads a security document concerns. */
final class Attachments {
  private static final int MOST_TARGETS = 16;

  private Attachments() {}

  /**
   * {@code selector} or {@code targetRefs}; every workload when anything about them is wrong: then
   * nobody knows whom they mean.
   */
  static Spec.Attachment read(Fields spec, Metadata metadata) {
    int before = spec.refusals();
    Map<String, String> selector = Selectors.read(spec);
    List<Fields> references = new ArrayList<>(spec.objects("targetRefs"));
    spec.object("targetRef").ifPresent(references::add);
    if (spec.has("targetRef") && spec.has("targetRefs")) {
      spec.problem(Code.BAD_VALUE, "targetRef", "is the older form of targetRefs; use one of them");
    }
    if (spec.has("targetRefs") && references.isEmpty()) {
      spec.problem(
          Code.BAD_VALUE, "targetRefs", "an empty list; leave the field out to mean everything");
    }
    if (references.size() > MOST_TARGETS) {
      spec.problem(Code.BAD_VALUE, "targetRefs", "names more than " + MOST_TARGETS + " targets");
    }
    if (!references.isEmpty() && spec.has("selector")) {
      spec.problem(Code.BAD_VALUE, "selector", "a policy has a selector or targetRefs, never both");
    }
    List<Spec.TargetRef> targets = new ArrayList<>();
    for (Fields reference : references) {
      targets.add(target(reference, metadata.namespace()));
    }
    return spec.refusals() == before
        ? new Spec.Attachment(selector, List.copyOf(targets))
        : Spec.Attachment.ALL;
  }

  private static Spec.TargetRef target(Fields fields, String namespace) {
    fields.refuseEmptyFields();
    String group = fields.text("group").orElse("");
    String kind = fields.requiredText("kind");
    String name = fields.requiredText("name");
    if (!fields.text("namespace").orElse(namespace).equals(namespace)) {
      fields.problem(
          Code.BAD_VALUE, "namespace", "a policy concerns Services of its own namespace only");
    }
    boolean service = kind.equals("Service") && (group.isEmpty() || group.equals("core"));
    if (!kind.isEmpty() && !service) {
      fields.problem(
          Code.NOT_SUPPORTED,
          "kind",
          "only Services can be targets, found " + kind + (group.isEmpty() ? "" : " of " + group));
    }
    fields.finish();
    return new Spec.TargetRef(namespace, name, Optional.empty(), fields.place());
  }
}
