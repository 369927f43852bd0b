package dev.weft.policy.compile;

import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteActions.PathChange;
import dev.weft.policy.RouteActions.PathChangeKind;
import dev.weft.policy.RouteActions.Rewrite;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the rules of {@code VirtualService}s without hosts where others delegate to them. Confined
 * to one compilation.
 */
final class Delegates {
  private final Map<String, Document> byKey = new HashMap<>();
  private final Set<String> used = new HashSet<>();
  private final List<Diagnostic> diagnostics;

  Delegates(List<Document> documents, List<Diagnostic> diagnostics) {
    this.diagnostics = diagnostics;
    for (Document document : documents) {
      if (document.kind() == Kind.VIRTUAL_SERVICE) {
        byKey.put(document.key(), document);
      }
    }
  }

  /** Whether any rule delegates. */
  static boolean delegates(Spec.RouteSpec spec) {
    return spec.parts().stream()
        .anyMatch(part -> part.rules().stream().anyMatch(rule -> rule.delegate().isPresent()));
  }

  /** The same without delegation. */
  Spec.RouteSpec resolved(Document document, Spec.RouteSpec spec) {
    if (!delegates(spec)) {
      return spec;
    }
    List<Spec.RoutePart> parts = new ArrayList<>();
    for (Spec.RoutePart part : spec.parts()) {
      List<Spec.RuleSpec> rules = new ArrayList<>();
      part.rules().forEach(rule -> rules.addAll(resolved(document, rule)));
      parts.add(new Spec.RoutePart(part.layer(), part.parents(), part.order(), rules));
    }
    return new Spec.RouteSpec(List.copyOf(parts), spec.exportTo());
  }

  /** Says which documents nobody delegates to. Call it last. */
  void warnAboutUnused() {
    byKey.forEach(
        (key, document) -> {
          if (document.spec() instanceof Spec.RouteSpec spec
              && isDelegate(spec)
              && !used.contains(key)) {
            diagnostics.add(
                Code.NEVER_DELEGATED.at(
                    document.place(), "it has no hosts, and nobody delegates to it"));
          }
        });
  }

  private static boolean isDelegate(Spec.RouteSpec spec) {
    return !spec.parts().isEmpty()
        && spec.parts().stream().allMatch(part -> part.parents().isEmpty());
  }

  private List<Spec.RuleSpec> resolved(Document document, Spec.RuleSpec rule) {
    if (rule.delegate().isEmpty()) {
      return List.of(rule);
    }
    Spec.DelegateRef ref = rule.delegate().get();
    String namespace = ref.namespace().isEmpty() ? document.namespace() : ref.namespace();
    String key = namespace + "/" + ref.name();
    Document found = byKey.get(key);
    String reason = "";
    if (found == null || !(found.spec() instanceof Spec.RouteSpec spec)) {
      reason = "VirtualService " + key + " does not exist";
    } else if (!isDelegate(spec)) {
      reason = "VirtualService " + key + " has hosts of its own, so nobody can delegate to it";
    } else if (!spec.exportTo().isEmpty() && !spec.exportTo().contains(document.namespace())) {
      reason = "VirtualService " + key + " is not exported to " + document.namespace();
    } else {
      used.add(key);
      return joined(rule, document.title(), spec, namespace);
    }
    diagnostics.add(Code.UNKNOWN_DELEGATE.at(ref.place(), reason + "; its requests get 500"));
    return List.of(invalid(rule, reason));
  }

  private List<Spec.RuleSpec> joined(
      Spec.RuleSpec root, String title, Spec.RouteSpec delegate, String namespace) {
    List<Spec.RuleSpec> rules = new ArrayList<>();
    for (Spec.RoutePart part : delegate.parts()) {
      if (part.layer() != Route.Layer.HTTP) {
        continue;
      }
      for (Spec.RuleSpec leaf : part.rules()) {
        Optional<List<Spec.MatchSpec>> matches =
            DelegateMatches.joined(root.matches(), leaf.matches());
        if (matches.isPresent()) {
          rules.add(joined(root, leaf, matches.get(), namespace));
        } else {
          diagnostics.add(
              Code.NEVER_DELEGATED.at(
                  leaf.place(),
                  "rule \""
                      + root.name()
                      + "\" of "
                      + title
                      + " never passes on what this rule matches"));
        }
      }
    }
    return rules;
  }

  /** What the delegate leaves open is as the rule says that delegates to it. */
  private static Spec.RuleSpec joined(
      Spec.RuleSpec root, Spec.RuleSpec leaf, List<Spec.MatchSpec> matches, String namespace) {
    List<Spec.MirrorRef> mirrors = new ArrayList<>();
    leaf.mirrors().forEach(mirror -> mirrors.add(seenFrom(namespace, mirror)));
    boolean ownHeaders = !leaf.requestHeaders().isEmpty() || !leaf.responseHeaders().isEmpty();
    RouteActions own = leaf.actions();
    RouteActions given = root.actions();
    return new Spec.RuleSpec(
        root.name() + "." + leaf.name(),
        matches,
        ownHeaders ? leaf.requestHeaders() : root.requestHeaders(),
        ownHeaders ? leaf.responseHeaders() : root.responseHeaders(),
        leaf.backends().stream().map(backend -> seenFrom(namespace, backend)).toList(),
        leaf.requestTimeout().or(root::requestTimeout),
        leaf.backendTimeout().or(root::backendTimeout),
        new RouteActions(
            own.retry().or(given::retry),
            own.rewrite().or(() -> given.rewrite().map(one -> rewrite(one, matches))),
            List.of(),
            own.fault().or(given::fault),
            own.redirect(),
            own.answer(),
            own.cors().or(given::cors),
            own.session()),
        mirrors.isEmpty() ? root.mirrors() : List.copyOf(mirrors),
        leaf.invalid(),
        leaf.place());
  }

  private static Spec.MirrorRef seenFrom(String namespace, Spec.MirrorRef mirror) {
    return new Spec.MirrorRef(
        seenFrom(namespace, mirror.backend()), mirror.numerator(), mirror.denominator());
  }

  /** Short names are those of the delegate's namespace, wherever its rules stand in the end. */
  private static Spec.BackendRef seenFrom(String namespace, Spec.BackendRef ref) {
    return ref.host().contains(".") ? ref : ref.withHost(ref.host() + "." + namespace);
  }

  /** A rewrite of the matched prefix is about the prefix that is matched in the end. */
  private static Rewrite rewrite(Rewrite given, List<Spec.MatchSpec> matches) {
    Optional<PathMatch> path = matches.isEmpty() ? Optional.empty() : matches.get(0).match().path();
    if (given.path().isEmpty()
        || given.path().get().kind() != PathChangeKind.PREFIX
        || path.isEmpty()) {
      return given;
    }
    String value = given.path().get().value();
    boolean prefix = path.get().kind() == PathKind.TEXT_PREFIX;
    PathChange change =
        prefix
            ? new PathChange(PathChangeKind.PREFIX, path.get().value(), value)
            : new PathChange(PathChangeKind.FULL, "", value);
    return new Rewrite(given.host(), Optional.of(change));
  }

  private static Spec.RuleSpec invalid(Spec.RuleSpec rule, String reason) {
    return new Spec.RuleSpec(
        rule.name(),
        rule.matches(),
        rule.requestHeaders(),
        rule.responseHeaders(),
        rule.backends(),
        rule.requestTimeout(),
        rule.backendTimeout(),
        rule.actions(),
        rule.mirrors(),
        reason,
        rule.place());
  }
}
