package dev.weft.policy.document;

import dev.weft.policy.AccessPolicy;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.document.Spec.AuthorizationPolicySpec;
import dev.weft.policy.document.Spec.PeerAuthenticationSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What stands in for a security document that is broken and has no last good version. Whoever wrote
 * it wanted to forbid something; until it can be read, everything that it could concern is
 * forbidden. Stateless.
 */
final class FailClosed {
  private FailClosed() {}

  /**
   * The stand-in; empty for kinds that forbid nothing.
   *
   * @param metadata of the broken document
   * @param spec as far as it could be read; its selector is empty when it is not to be trusted
   */
  static Optional<Document> of(Kind kind, Metadata metadata, Place place, Spec spec) {
    Spec closed;
    if (kind == Kind.PEER_AUTHENTICATION) {
      Map<String, String> selector =
          spec instanceof PeerAuthenticationSpec read ? read.selector() : Map.of();
      closed = new PeerAuthenticationSpec(selector, Optional.of(MtlsMode.STRICT), Map.of());
    } else if (kind == Kind.AUTHORIZATION_POLICY) {
      boolean dryRun = spec instanceof AuthorizationPolicySpec read && read.dryRun();
      Map<String, String> selector =
          spec instanceof AuthorizationPolicySpec read ? read.selector() : Map.of();
      closed = new AuthorizationPolicySpec(selector, AccessPolicy.Action.ALLOW, dryRun, List.of());
    } else {
      return Optional.empty();
    }
    return Optional.of(
        new Document(
            kind,
            metadata.namespace(),
            metadata.name() + " (broken)",
            metadata.created(),
            place,
            closed));
  }

  /** What it does, as the user is told. */
  static Diagnostic diagnostic(Document closed) {
    Map<String, String> selector;
    String effect;
    if (closed.spec() instanceof PeerAuthenticationSpec spec) {
      selector = spec.selector();
      effect = "mutual TLS is STRICT";
    } else if (closed.spec() instanceof AuthorizationPolicySpec spec) {
      selector = spec.selector();
      effect = spec.dryRun() ? "nothing is allowed, in dry run," : "nothing is allowed";
    } else {
      throw new IllegalArgumentException(closed.title());
    }
    return Code.FAILS_CLOSED.at(
        closed.place(),
        closed.title()
            + " has no good version; until it has, "
            + effect
            + " for "
            + (selector.isEmpty() ? "every workload" : "workloads with " + new TreeMap<>(selector))
            + " in the scope of namespace "
            + closed.namespace());
  }
}
