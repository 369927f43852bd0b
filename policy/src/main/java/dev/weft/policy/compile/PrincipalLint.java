package dev.weft.policy.compile;

import dev.weft.policy.AccessCondition;
import dev.weft.policy.AccessRule;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Suggestion;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Principals in rules that nobody is. Confined to one compilation. */
final class PrincipalLint {
  /** What the mesh's own trust domain may always be called. */
  private static final String OWN = "cluster.local";

  private final Identities identities;
  private final boolean everybodyIsKnown;
  private final List<Diagnostic> diagnostics;

  /** {@code namespace/account} of workloads and of ServiceAccount documents. */
  private final Set<String> known = new TreeSet<>();

  PrincipalLint(
      List<Document> documents,
      Identities identities,
      List<Workload> workloads,
      List<Diagnostic> diagnostics) {
    this.identities = identities;
    this.everybodyIsKnown = !workloads.isEmpty();
    this.diagnostics = diagnostics;
    workloads.forEach(
        workload -> known.add(workload.namespace() + "/" + workload.serviceAccount()));
    for (Document document : documents) {
      if (document.kind() == Kind.SERVICE_ACCOUNT) {
        known.add(document.key());
      }
    }
  }

  void check(AccessRule rule, Place place) {
    Set<String> written = new TreeSet<>();
    for (AccessRule.Source source : rule.from()) {
      written.addAll(source.principals());
      written.addAll(source.notPrincipals());
    }
    for (AccessCondition condition : rule.when()) {
      if (condition.attribute() == AccessCondition.Attribute.SOURCE_PRINCIPAL) {
        written.addAll(condition.values());
        written.addAll(condition.notValues());
      }
    }
    written.forEach(principal -> check(principal, place));
  }

  private void check(String principal, Place place) {
    String[] parts = principal.split("/", -1);
    String domain = parts[0];
    if (parts.length > 1 && !domain.contains("*") && !identities.knowsTrustDomain(domain)) {
      diagnostics.add(
          Code.FOREIGN_IDENTITY.at(
              place,
              "\""
                  + principal
                  + "\" is of trust domain "
                  + domain
                  + "; the mesh trusts only "
                  + identities.trustDomain()
                  + Suggestion.of(domain, List.of(OWN, identities.trustDomain()))));
      return;
    }
    boolean exact =
        parts.length == 5
            && principal.indexOf('*', 1) < 0
            && (domain.equals("*") || !domain.contains("*"));
    if (!exact || !everybodyIsKnown) {
      return;
    }
    boolean somebody =
        identities.principals(List.of(principal)).stream()
            .map(PrincipalLint::account)
            .anyMatch(known::contains);
    if (!somebody) {
      String account = account(principal);
      String namespace = account.substring(0, account.indexOf('/') + 1);
      List<String> near =
          known.stream()
              .filter(one -> one.startsWith(namespace))
              .map(one -> one.substring(namespace.length()))
              .toList();
      diagnostics.add(
          Code.UNKNOWN_IDENTITY.at(
              place,
              "no registered workload is "
                  + account
                  + Suggestion.of(account.substring(namespace.length()), near)));
    }
  }

  private static String account(String principal) {
    String[] parts = principal.split("/", -1);
    return parts[2] + "/" + parts[4];
  }
}
