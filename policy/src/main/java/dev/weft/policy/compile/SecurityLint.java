package dev.weft.policy.compile;

import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.Spec.AuthorizationPolicySpec;
import dev.weft.policy.document.Spec.PeerAuthenticationSpec;
import dev.weft.policy.document.Spec.RequestAuthenticationSpec;
import dev.weft.policy.document.Spec.WorkloadIdentitySpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is probably wrong with security documents that are right. Confined to one compilation. */
final class SecurityLint {
  private final List<Document> documents;
  private final Membership membership;
  private final Map<String, String> keySets;
  private final List<Workload> workloads;
  private final Map<String, List<Workload>> byNamespace = new HashMap<>();
  private final List<Document> denyingAll;

  /** Namespaces with a RequestAuthentication. */
  private final Set<String> authenticating = new HashSet<>();

  private final PrincipalLint principals;
  private final List<Diagnostic> diagnostics = new ArrayList<>();

  /** {@code workloads} are all that run; empty: nobody knows. */
  SecurityLint(
      List<Document> documents,
      Membership membership,
      Identities identities,
      Map<String, String> keySets,
      List<Workload> workloads) {
    this.documents = documents;
    this.membership = membership;
    this.keySets = keySets;
    this.workloads = workloads;
    workloads.forEach(
        workload ->
            byNamespace
                .computeIfAbsent(workload.namespace(), name -> new ArrayList<>())
                .add(workload));
    this.denyingAll = denyingAll(documents);
    documents.stream()
        .filter(document -> document.spec() instanceof RequestAuthenticationSpec)
        .forEach(document -> authenticating.add(document.namespace()));
    this.principals = new PrincipalLint(documents, identities, workloads, diagnostics);
  }

  List<Diagnostic> diagnostics() {
    for (Document document : documents) {
      if (broken(document)) {
        continue;
      }
      if (document.spec() instanceof AuthorizationPolicySpec spec) {
        attachment(document, spec.attachment());
        shadowed(document, spec);
        for (int i = 0; i < spec.rules().size(); i++) {
          rule(document, spec, spec.rules().get(i), spec.places().get(i));
        }
      } else if (document.spec() instanceof RequestAuthenticationSpec spec) {
        attachment(document, spec.attachment());
        spec.rules().forEach(this::keys);
      } else if (document.spec() instanceof PeerAuthenticationSpec spec) {
        attachment(document, new Spec.Attachment(spec.selector(), List.of()));
      } else if (document.spec() instanceof WorkloadIdentitySpec spec) {
        identity(document, spec);
      }
    }
    return diagnostics;
  }

  private void attachment(Document document, Spec.Attachment attachment) {
    for (Spec.TargetRef target : attachment.targets()) {
      if (!membership.services().containsKey(target.key())
          && of(target.namespace()).stream()
              .noneMatch(workload -> membership.behind(target, workload))) {
        diagnostics.add(
            Code.UNKNOWN_TARGET.at(
                target.place(),
                "there is no Service " + target.key() + "; nothing is protected by this"));
      }
    }
    boolean root = MeshCompiler.ROOT_NAMESPACES.contains(document.namespace());
    if (!workloads.isEmpty()
        && (root ? workloads : of(document.namespace()))
            .stream()
                .noneMatch(
                    workload -> membership.concerns(document.namespace(), attachment, workload))) {
      diagnostics.add(
          Code.NO_WORKLOAD.at(
              document.place(), document.title() + " concerns none of the registered workloads"));
    }
  }

  private List<Workload> of(String namespace) {
    return byNamespace.getOrDefault(namespace, List.of());
  }

  private void keys(Spec.JwtSource source) {
    if (!source.jwksUri().isEmpty() && !keySets.containsKey(source.jwksUri())) {
      diagnostics.add(
          Code.NO_KEYS.at(
              source.place(),
              "the keys at "
                  + source.jwksUri()
                  + " are not fetched yet; until they are, tokens of "
                  + source.rule().issuer()
                  + " are refused"));
    }
  }

  /** An unconditional rule decides whatever comes after it. */
  private void shadowed(Document document, AuthorizationPolicySpec spec) {
    for (int i = 0; i + 1 < spec.rules().size(); i++) {
      if (unconditional(spec.rules().get(i))) {
        diagnostics.add(
            Code.SHADOWED_POLICY.at(
                spec.places().get(i + 1),
                "rules[" + i + "] matches everything; what comes after it changes nothing"));
        break;
      }
    }
    if (spec.action() == AccessPolicy.Action.AUDIT) {
      return;
    }
    boolean before = true;
    for (Document other : denyingAll) {
      before &= !other.equals(document);
      if (!other.equals(document)
          && (before || spec.action() == AccessPolicy.Action.ALLOW)
          && other.spec() instanceof AuthorizationPolicySpec denying
          && covers(other, denying.attachment(), document, spec.attachment())) {
        diagnostics.add(
            Code.SHADOWED_POLICY.at(
                document.place(),
                other.title() + " denies everything that " + document.title() + " judges"));
        return;
      }
    }
  }

  /** Policies that deny all they concern, in order. */
  private static List<Document> denyingAll(List<Document> documents) {
    return documents.stream()
        .filter(
            document ->
                document.spec() instanceof AuthorizationPolicySpec spec
                    && spec.action() == AccessPolicy.Action.DENY
                    && !spec.dryRun()
                    && !broken(document)
                    && spec.rules().stream().anyMatch(SecurityLint::unconditional))
        .toList();
  }

  /** A stand-in says what it does already. */
  private static boolean broken(Document document) {
    return document.name().endsWith(" (broken)");
  }

  private static boolean unconditional(AccessRule rule) {
    return rule.from().isEmpty() && rule.to().isEmpty() && rule.when().isEmpty();
  }

  /** Whether one policy surely concerns every workload that another concerns. */
  private static boolean covers(
      Document outer, Spec.Attachment whom, Document inner, Spec.Attachment whose) {
    if (outer.namespace().equals(inner.namespace()) && whom.equals(whose)) {
      return true;
    }
    boolean reaches =
        MeshCompiler.ROOT_NAMESPACES.contains(outer.namespace())
            || outer.namespace().equals(inner.namespace());
    return reaches
        && whom.targets().isEmpty()
        && whose.selector().entrySet().containsAll(whom.selector().entrySet())
        && (whom.selector().isEmpty() || whose.targets().isEmpty());
  }

  private void rule(Document document, AuthorizationPolicySpec spec, AccessRule rule, Place place) {
    Contradictions.in(rule)
        .ifPresent(why -> diagnostics.add(Code.NEVER_MATCHES.at(place, "never matches: " + why)));
    principals.check(rule, place);
    tokens(document, rule, place);
    withoutRequests(document, spec, rule, place);
  }

  private void tokens(Document document, AccessRule rule, Place place) {
    if (!Requests.needToken(rule)) {
      return;
    }
    boolean everywhere = MeshCompiler.ROOT_NAMESPACES.contains(document.namespace());
    boolean judged =
        authenticating.contains(document.namespace())
            || MeshCompiler.ROOT_NAMESPACES.stream().anyMatch(authenticating::contains)
            || (everywhere && !authenticating.isEmpty());
    if (!judged) {
      diagnostics.add(
          Code.NO_TOKENS.at(
              place,
              "asks for something in a token, and no RequestAuthentication concerns these"
                  + " workloads: to it, no request has one"));
    }
  }

  private void withoutRequests(
      Document document, AuthorizationPolicySpec spec, AccessRule rule, Place place) {
    if (!Requests.mayNeedRequest(rule)) {
      return;
    }
    membership
        .services(document.namespace())
        .forEach(
            (key, service) -> {
              if (!concerns(document, spec.attachment(), key, service)) {
                return;
              }
              for (Spec.TargetedPort port : service.spec().ports()) {
                int number = port.target().number();
                if (Membership.withoutRequests(port)
                    && number > 0
                    && Requests.needRequest(rule, number)) {
                  diagnostics.add(
                      Code.REQUEST_RULE_ON_TCP.at(
                          place,
                          "needs requests, and port "
                              + port.port().port()
                              + " of Service "
                              + key
                              + " has none by its declaration: there it "
                              + (spec.action() == AccessPolicy.Action.DENY
                                  ? "denies every connection"
                                  : "matches nothing")));
                }
              }
            });
  }

  /** Whether a policy concerns all workloads of a Service. */
  private static boolean concerns(
      Document document, Spec.Attachment attachment, String key, Membership.Declared service) {
    if (!attachment.targets().isEmpty()) {
      return attachment.targets().stream().anyMatch(target -> target.key().equals(key));
    }
    return (document.namespace().equals(service.namespace())
            || MeshCompiler.ROOT_NAMESPACES.contains(document.namespace()))
        && service.spec().selector().entrySet().containsAll(attachment.selector().entrySet());
  }

  private void identity(Document document, WorkloadIdentitySpec spec) {
    Optional<Spec.Attachment> attachment = spec.attachment();
    if (attachment.isEmpty()) {
      return;
    }
    attachment(document, attachment.get());
    for (Workload workload : of(document.namespace())) {
      boolean meant = membership.concerns(document.namespace(), attachment.get(), workload);
      if (meant && !workload.serviceAccount().equals(spec.serviceAccount())) {
        diagnostics.add(
            Code.OTHER_IDENTITY.at(
                document.place(),
                "workload "
                    + workload.id()
                    + " shall be "
                    + document.namespace()
                    + "/"
                    + spec.serviceAccount()
                    + " and is "
                    + workload.spiffeId()));
      }
    }
  }
}
