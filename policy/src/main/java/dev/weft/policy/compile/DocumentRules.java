package dev.weft.policy.compile;

import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.PolicyStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What documents say whatever workloads and services there are: who comes and goes changes nothing
 * of it. Immutable.
 *
 * @param documents in the order in which they compete
 */
record DocumentRules(
    PolicyStore policy,
    String trustDomain,
    List<Document> documents,
    MeshWide meshWide,
    Membership membership,
    Identities identities,
    AccessCompiler access,
    InboundCompiler inbound,
    Visibility visibility,
    List<Diagnostic> diagnostics) {

  /** {@code before} is of an earlier compilation with any arguments. */
  @SuppressWarnings("ReferenceEquality") // stores are immutable, and equal to themselves alone
  static DocumentRules compile(
      PolicyStore policy, String trustDomain, Optional<DocumentRules> before) {
    if (before.isPresent()
        && before.get().policy == policy
        && before.get().trustDomain.equals(trustDomain)) {
      return before.get();
    }
    List<Document> documents = new ArrayList<>(policy.inForce());
    documents.addAll(policy.failClosed());
    documents.sort(
        Comparator.comparing(Document::created)
            .thenComparing(Document::namespace)
            .thenComparing(Document::name));
    List<Diagnostic> diagnostics = new ArrayList<>();
    MeshWide meshWide = MeshWide.compile(documents, trustDomain, diagnostics);
    Membership membership = Membership.compile(documents);
    Identities identities = Identities.compile(documents, trustDomain);
    AccessCompiler access =
        AccessCompiler.compile(
            documents, membership, identities, policy.keySets(), before.map(DocumentRules::access));
    return new DocumentRules(
        policy,
        trustDomain,
        List.copyOf(documents),
        meshWide,
        membership,
        identities,
        access,
        InboundCompiler.compile(documents, meshWide.mtls(), access, diagnostics),
        Visibility.compile(documents),
        List.copyOf(diagnostics));
  }
}
