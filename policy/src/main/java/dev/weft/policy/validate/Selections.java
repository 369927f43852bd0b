package dev.weft.policy.validate;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.Suggestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Policies that select nothing, the same twice, or stand in a namespace of nobody. Stateless. */
final class Selections {
  private Selections() {}

  static void check(Scene scene, Validation.Findings findings) {
    // A document by what it says and whom it is for.
    Map<List<Object>, Document> said = new HashMap<>();
    Map<List<Object>, Document> closest = new HashMap<>();
    for (Document document : scene.documents()) {
      namespace(scene, document, findings);
      Optional<Scope> scope = Scope.of(document);
      if (scope.isEmpty()) {
        continue;
      }
      List<Facts.Member> selected =
          scene.selected(document.namespace(), scope.get().meshWide(), scope.get().selector());
      nothing(scene, document, scope.get(), selected, findings);
      Document first =
          said.putIfAbsent(
              List.of(document.kind(), document.namespace(), said(document.spec())), document);
      if (first != null) {
        findings.add(
            Code.SAME_POLICY_TWICE, document, first.title() + " says the same; one of them can go");
      } else if (scope.get().one() && !scope.get().selector().isEmpty()) {
        overlap(document, scope.get(), selected, closest, findings);
      }
    }
  }

  /** What a document says, wherever in its file it says so. */
  private static Object said(Spec spec) {
    if (spec instanceof Spec.AuthorizationPolicySpec policy) {
      return List.of(policy.attachment(), policy.action(), policy.dryRun(), policy.rules());
    }
    if (spec instanceof Spec.RequestAuthenticationSpec policy) {
      List<Object> said = new ArrayList<>(List.of(policy.attachment()));
      policy.rules().forEach(one -> said.add(List.of(one.rule(), one.jwksUri(), one.timeout())));
      return said;
    }
    return spec;
  }

  private static void nothing(
      Scene scene,
      Document document,
      Scope scope,
      List<Facts.Member> selected,
      Validation.Findings findings) {
    boolean everywhere = scene.facts().live() || scope.meshWide();
    boolean known =
        !(everywhere ? scene.facts().members() : scene.members(document.namespace())).isEmpty();
    boolean said = // by the compiler, which looks at the workloads that run
        scene.facts().live() && document.kind() == Kind.AUTHORIZATION_POLICY;
    if (scope.selector().isEmpty() || !selected.isEmpty() || !known || said) {
      return;
    }
    findings.add(
        Code.SELECTS_NOTHING,
        document,
        document.title()
            + " is for workloads with "
            + scope.labels()
            + (scope.meshWide() ? "" : " in namespace " + document.namespace())
            + (scene.facts().live() ? "; none is registered" : "; no Service selects any")
            + nearest(scene, document, scope));
  }

  /** The label that is nearly there. */
  private static String nearest(Scene scene, Document document, Scope scope) {
    List<Facts.Member> around =
        scope.meshWide() ? scene.facts().members() : scene.members(document.namespace());
    for (Map.Entry<String, String> label : scope.selector().entrySet()) {
      Set<String> values = new TreeSet<>();
      Set<String> keys = new TreeSet<>();
      for (Facts.Member member : around) {
        keys.addAll(member.inbound().labels().keySet());
        String value = member.inbound().labels().get(label.getKey());
        if (value != null) {
          values.add(value);
        }
      }
      if (!keys.contains(label.getKey())) {
        return Suggestion.of(label.getKey(), keys);
      }
      if (!values.contains(label.getValue())) {
        return Suggestion.of(label.getValue(), values);
      }
    }
    return "";
  }

  private static void overlap(
      Document document,
      Scope scope,
      List<Facts.Member> selected,
      Map<List<Object>, Document> closest,
      Validation.Findings findings) {
    Map<Document, String> older = new LinkedHashMap<>();
    for (Facts.Member member : selected) {
      List<Object> of = List.of(document.kind(), member.inbound().workload());
      Document first = closest.putIfAbsent(of, document);
      if (first != null
          && !Scope.of(first).map(Scope::selector).equals(Optional.of(scope.selector()))) {
        older.putIfAbsent(first, member.inbound().service());
      }
    }
    older.forEach(
        (first, service) ->
            findings.add(
                Code.OVERLAPPING_SELECTORS,
                document,
                first.title()
                    + " selects workloads of \""
                    + service
                    + "\", too, and is the one that counts for them"));
  }

  private static void namespace(Scene scene, Document document, Validation.Findings findings) {
    String namespace = document.namespace();
    if (namespace.isEmpty()
        || Scene.isRoot(namespace)
        || document.kind() == Kind.SERVICE
        || document.kind() == Kind.SERVICE_ACCOUNT
        || scene.populated().isEmpty()
        || scene.populated().contains(namespace)) {
      return;
    }
    List<String> declared = new ArrayList<>();
    for (Document other : scene.documents()) {
      if (other.kind() == Kind.NAMESPACE && other.name().equals(namespace)) {
        declared.add(other.name());
      }
    }
    String near = declared.isEmpty() ? Near.oneOff(namespace, scene.populated()) : "";
    if (!near.isEmpty()) {
      findings.add(
          Code.NEAR_NAMESPACE,
          document,
          "namespace \"" + namespace + "\" has no Service; did you mean \"" + near + "\"?");
    } else if (Scope.of(document).isPresent() || !Targets.of(document).isEmpty()) {
      findings.add(
          Code.EMPTY_NAMESPACE,
          document,
          "nothing is known in namespace \""
              + namespace
              + "\"; "
              + document.title()
              + " waits for somebody it concerns");
    }
  }
}
