package dev.weft.policy.validate;

import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.Suggestion;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Identities in policies that nobody has, or that nobody shall have any more. */
final class Principals {
  private final Scene scene;
  private final Validation.Findings findings;

  private final Set<String> namespaces = new TreeSet<>();

  private Principals(Scene scene, Validation.Findings findings) {
    this.scene = scene;
    this.findings = findings;
    for (Document document : scene.documents()) {
      // A namespace of clients only has routes, or its Namespace document.
      boolean policy = Scope.of(document).isPresent();
      namespaces.add(
          document.kind() == Kind.NAMESPACE ? document.name() : policy ? "" : document.namespace());
    }
    namespaces.addAll(scene.populated());
    namespaces.remove("");
  }

  static void check(Scene scene, Validation.Findings findings) {
    Principals principals = new Principals(scene, findings);
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.AuthorizationPolicySpec spec) {
        for (AccessRule rule : spec.rules()) {
          for (AccessRule.Source source : rule.from()) {
            source.principals().forEach(text -> principals.identity(text, document));
            source.notPrincipals().forEach(text -> principals.identity(text, document));
            source.namespaces().forEach(text -> principals.namespace(text, document));
            source.notNamespaces().forEach(text -> principals.namespace(text, document));
          }
        }
        if (spec.action() == AccessPolicy.Action.ALLOW) {
          principals.revoked(spec, document);
        }
      }
    }
  }

  private void identity(String principal, Document document) {
    if (principal.startsWith("*")) {
      return;
    }
    int slash = principal.indexOf('/');
    String domain = slash < 0 ? principal : principal.substring(0, slash);
    if (domain.endsWith("*")) {
      return;
    }
    if (!domain.equals(Scene.OWN_DOMAIN) && !domain.equals(scene.facts().trustDomain())) {
      return; // the compiler knows which trust domains have other names
    }
    String[] parts = principal.split("/", -1);
    if (parts.length != 5 || !parts[1].equals("ns") || !parts[3].equals("sa")) {
      if (!principal.endsWith("*")) {
        findings.add(
            Code.UNKNOWN_PRINCIPAL,
            document,
            "\""
                + principal
                + "\" is nobody: identities are "
                + Scene.OWN_DOMAIN
                + "/ns/NAMESPACE/sa/ACCOUNT");
      }
      return;
    }
    if (parts[2].endsWith("*")) {
      return;
    }
    if (!namespaces.contains(parts[2])) {
      namespace(parts[2], document);
    } else if (!parts[4].endsWith("*")) {
      account(parts[2], parts[4], principal, document);
    }
  }

  private void account(String namespace, String account, String principal, Document document) {
    // Where workloads run, the compiler says of whom none is left.
    if (scene.facts().live() || scene.accounts().contains(namespace + "/" + account)) {
      return;
    }
    String meant = Near.oneOff(account, scene.accounts(namespace));
    if (!meant.isEmpty() || scene.declaring().contains(namespace)) {
      findings.add(
          Code.UNKNOWN_PRINCIPAL,
          document,
          "nobody is known as \""
              + principal
              + "\""
              + (meant.isEmpty()
                  ? "; the ServiceAccounts of namespace " + namespace + " are others"
                  : "; did you mean \"" + meant + "\"?"));
    }
  }

  private void namespace(String namespace, Document document) {
    if (namespace.contains("*")
        || namespaces.contains(namespace)
        || scene.populated().isEmpty()
        || Scene.isRoot(namespace)) {
      return;
    }
    findings.add(
        Code.UNKNOWN_SOURCE_NAMESPACE,
        document,
        "nothing is known in namespace \""
            + namespace
            + "\""
            + Suggestion.of(namespace, namespaces));
  }

  private void revoked(Spec.AuthorizationPolicySpec spec, Document document) {
    List<String> revoked = scene.facts().settings().revoked();
    for (AccessRule rule : spec.rules()) {
      for (AccessRule.Source source : rule.from()) {
        for (String principal : source.principals()) {
          String own =
              principal.startsWith(Scene.OWN_DOMAIN + "/")
                  ? scene.facts().trustDomain() + principal.substring(Scene.OWN_DOMAIN.length())
                  : principal;
          if (revoked.contains("spiffe://" + own)) {
            findings.add(
                Code.REVOKED_BUT_ALLOWED,
                document,
                "\""
                    + principal
                    + "\" is among MeshConfig's revokedIdentities; nobody talks to it");
          }
        }
      }
    }
  }
}
