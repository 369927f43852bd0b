package dev.weft.policy.validate;

import dev.weft.policy.document.Document;
import dev.weft.policy.document.FaultPolicySpec;
import dev.weft.policy.document.RateLimitPolicySpec;
import dev.weft.policy.document.ResiliencePolicySpec;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.TelemetryPolicySpec;
import java.util.List;

/** The Services that policies name. Stateless. */
final class Targets {
  private Targets() {}

  /** Empty for documents that name none, and for those that select instead. */
  static List<Spec.TargetRef> of(Document document) {
    if (document.spec() instanceof RateLimitPolicySpec policy) {
      return policy.targets();
    }
    if (document.spec() instanceof ResiliencePolicySpec policy) {
      return policy.targets();
    }
    if (document.spec() instanceof TelemetryPolicySpec policy) {
      return policy.targets();
    }
    if (document.spec() instanceof Spec.BackendTrafficPolicySpec policy) {
      return policy.targets();
    }
    if (document.spec() instanceof Spec.AuthorizationPolicySpec policy) {
      return policy.attachment().targets();
    }
    if (document.spec() instanceof Spec.RequestAuthenticationSpec policy) {
      return policy.attachment().targets();
    }
    if (document.spec() instanceof FaultPolicySpec policy) {
      return policy.targets().stream()
          .filter(FaultPolicySpec.Target::isService)
          .map(FaultPolicySpec.Target::ref)
          .toList();
    }
    return List.of();
  }
}
