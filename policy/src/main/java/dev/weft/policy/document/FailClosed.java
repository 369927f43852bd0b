package dev.weft.policy.document;

import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.document.Spec.AuthorizationPolicySpec;
import dev.weft.policy.document.Spec.PeerAuthenticationSpec;
import dev.weft.policy.document.Spec.RequestAuthenticationSpec;
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
      if (spec instanceof AuthorizationPolicySpec audit
          && audit.action() == AccessPolicy.Action.AUDIT) {
        return Optional.empty();
      }
      closed =
          spec instanceof AuthorizationPolicySpec read && read.action() == AccessPolicy.Action.ALLOW
              ? allowsNothing(read)
              : deniesEverything(
                  attachment(spec), spec instanceof AuthorizationPolicySpec dry && dry.dryRun());
    } else if (kind == Kind.REQUEST_AUTHENTICATION) {
      closed = deniesEverything(attachment(spec), false);
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

  /** Beside it, other policies go on to allow what they allow. */
  private static Spec allowsNothing(AuthorizationPolicySpec read) {
    return new AuthorizationPolicySpec(
        read.attachment(), AccessPolicy.Action.ALLOW, read.dryRun(), List.of(), List.of());
  }

  /** What forbids something cannot be made up for by what allows. */
  private static Spec deniesEverything(Spec.Attachment attachment, boolean dryRun) {
    return new AuthorizationPolicySpec(
        attachment,
        AccessPolicy.Action.DENY,
        dryRun,
        List.of(new AccessRule(List.of(), List.of())),
        List.of());
  }

  /** What it does, as the user is told. */
  static Diagnostic diagnostic(Document closed) {
    Spec.Attachment whom;
    String effect;
    if (closed.spec() instanceof PeerAuthenticationSpec spec) {
      whom = new Spec.Attachment(spec.selector(), List.of());
      effect = "mutual TLS is STRICT";
    } else if (closed.spec() instanceof AuthorizationPolicySpec spec) {
      whom = spec.attachment();
      effect =
          (spec.action() == AccessPolicy.Action.DENY ? "everything is denied" : "it allows nothing")
              + (spec.dryRun() ? ", in dry run," : "");
    } else {
      throw new IllegalArgumentException(closed.title());
    }
    return Code.FAILS_CLOSED.at(
        closed.place(),
        closed.title()
            + " has no good version; until it has, "
            + effect
            + " for "
            + workloads(whom)
            + " in the scope of namespace "
            + closed.namespace());
  }

  private static Spec.Attachment attachment(Spec spec) {
    if (spec instanceof AuthorizationPolicySpec read) {
      return read.attachment();
    }
    return spec instanceof RequestAuthenticationSpec read ? read.attachment() : Spec.Attachment.ALL;
  }

  private static String workloads(Spec.Attachment whom) {
    if (!whom.targets().isEmpty()) {
      return "the workloads behind "
          + String.join(
              ", ", whom.targets().stream().map(target -> "Service " + target.key()).toList());
    }
    return whom.selector().isEmpty()
        ? "every workload"
        : "workloads with " + new TreeMap<>(whom.selector());
  }
}
