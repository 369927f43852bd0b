package dev.weft.policy.validate;

import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.TelemetryPolicySpec;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The workloads that a policy with a selector is for. Immutable.
 *
 * @param meshWide whether it reaches beyond its namespace
 * @param one whether of several that select a workload only one counts
 */
record Scope(Map<String, String> selector, boolean meshWide, boolean one) {

  /** Empty for documents that select no workloads. */
  static Optional<Scope> of(Document document) {
    boolean root = Scene.isRoot(document.namespace());
    if (document.spec() instanceof Spec.PeerAuthenticationSpec spec) {
      return Optional.of(new Scope(spec.selector(), root && spec.selector().isEmpty(), true));
    }
    if (document.spec() instanceof Spec.TelemetrySpec spec) {
      return Optional.of(new Scope(spec.selector(), root && spec.selector().isEmpty(), true));
    }
    if (document.spec() instanceof TelemetryPolicySpec spec && spec.targets().isEmpty()) {
      return Optional.of(new Scope(spec.selector(), root && spec.selector().isEmpty(), false));
    }
    if (document.spec() instanceof Spec.AuthorizationPolicySpec spec) {
      return of(spec.attachment(), root);
    }
    if (document.spec() instanceof Spec.RequestAuthenticationSpec spec) {
      return of(spec.attachment(), root);
    }
    return Optional.empty();
  }

  private static Optional<Scope> of(Spec.Attachment attachment, boolean root) {
    return attachment.targets().isEmpty()
        ? Optional.of(new Scope(attachment.selector(), root, false))
        : Optional.empty();
  }

  /** For messages: {@code app=pay, version=v1}. */
  String labels() {
    String text = new TreeMap<>(selector).toString();
    return text.substring(1, text.length() - 1);
  }
}
