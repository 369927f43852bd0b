package dev.weft.policy.document;

import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads Istio {@code AuthorizationPolicy}s. What cannot be enforced is refused, never dropped: a
 * DENY without one of its conditions would deny more, an ALLOW would allow more.
 */
final class AuthorizationPolicyReader {
  private AuthorizationPolicyReader() {}

  static Spec read(Fields document, Metadata metadata) {
    boolean dryRun = dryRun(document, metadata);
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      // Istio's "allow nothing": an ALLOW policy without rules.
      return new Spec.AuthorizationPolicySpec(
          Spec.Attachment.ALL, AccessPolicy.Action.ALLOW, dryRun, List.of(), List.of());
    }
    Fields fields = found.get();
    fields.refuseEmptyFields();
    Spec.Attachment attachment = Attachments.read(fields, metadata);
    fields.notSupported("provider");
    AccessPolicy.Action action = action(fields);
    List<AccessRule> rules = new ArrayList<>();
    List<Place> places = new ArrayList<>();
    for (Fields rule : fields.objects("rules")) {
      rules.add(AccessRuleReader.read(rule, metadata.namespace()));
      places.add(rule.place());
    }
    if (action != AccessPolicy.Action.ALLOW && rules.isEmpty()) {
      fields.problem(
          Code.BAD_VALUE, "without rules it matches nothing; use rules: [{}] to match everything");
    }
    int before = fields.refusals();
    fields.finish();
    if (!fields.has("action") && fields.refusals() > before) {
      action = AccessPolicy.Action.DENY; // one of the unknown fields may have been it
    }
    return new Spec.AuthorizationPolicySpec(
        attachment, action, dryRun, List.copyOf(rules), List.copyOf(places));
  }

  private static boolean dryRun(Fields document, Metadata metadata) {
    String value = metadata.annotations().getOrDefault("istio.io/dry-run", "false");
    if (!value.equals("true") && !value.equals("false")) {
      document.problem(
          Code.BAD_VALUE,
          "metadata",
          "annotation istio.io/dry-run is \"true\" or \"false\", found \"" + value + "\"");
    }
    return value.equals("true");
  }

  /** Where nobody knows what the action shall be, the document is refused as one that forbids. */
  private static AccessPolicy.Action action(Fields fields) {
    String unknown = fields.has("action") ? "" : "ALLOW";
    String action =
        fields.choice("action", List.of("ALLOW", "DENY", "AUDIT", "CUSTOM")).orElse(unknown);
    if (action.equals("CUSTOM")) {
      fields.problem(
          Code.NOT_SUPPORTED,
          "action",
          "action CUSTOM is not supported yet; the document is refused");
    }
    return switch (action) {
      case "ALLOW" -> AccessPolicy.Action.ALLOW;
      case "AUDIT" -> AccessPolicy.Action.AUDIT;
      default -> AccessPolicy.Action.DENY;
    };
  }
}
