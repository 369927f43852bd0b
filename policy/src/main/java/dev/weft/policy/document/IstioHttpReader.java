package dev.weft.policy.document;

import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteActions.PathChange;
import dev.weft.policy.RouteActions.PathChangeKind;
import dev.weft.policy.RouteActions.Rewrite;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the {@code http} rules of a {@code VirtualService}. */
final class IstioHttpReader {
  private static final List<String> ANSWERS =
      List.of("route", "redirect", "directResponse", "delegate");

  private IstioHttpReader() {}

  /**
   * One rule; it becomes several where its matches have paths that are rewritten differently, and
   * none where it is for gateways only.
   *
   * @param isDelegate whether the document has no hosts, so that others delegate to it
   */
  static List<Spec.RuleSpec> read(Fields fields, int index, boolean isDelegate) {
    String name =
        fields.text("name").filter(text -> !text.isEmpty()).orElse(Integer.toString(index));
    List<Fields> written = fields.objects("match");
    List<Spec.MatchSpec> matches = new ArrayList<>();
    written.forEach(match -> IstioMatchReader.read(match).ifPresent(matches::add));
    IstioHeaders headers = IstioHeaders.read(fields);
    Optional<Fields> rewrite = fields.object("rewrite");
    IstioActions answer = IstioActions.read(fields);
    Optional<Duration> timeout =
        IstioFields.durationOrZero(fields, "timeout").filter(one -> !one.isZero());
    IstioRetries retries = IstioRetries.read(fields);
    RouteActions actions =
        new RouteActions(
            retries.retry(),
            Optional.empty(),
            List.of(),
            IstioFaults.read(fields),
            answer.redirect(),
            answer.answer(),
            answer.cors(),
            Optional.empty());
    Spec.RuleSpec rule =
        new Spec.RuleSpec(
            name,
            List.copyOf(matches),
            headers.request(),
            headers.response(),
            IstioDestinations.read(fields),
            timeout,
            retries.perTryTimeout(),
            actions,
            IstioMirrors.read(fields),
            "",
            fields.place(),
            delegate(fields, isDelegate));
    List<Spec.RuleSpec> rewritten = rewritten(rule, rewrite, headers.authority());
    checkAnswers(fields);
    fields.finish();
    return !written.isEmpty() && matches.isEmpty() ? List.of() : rewritten;
  }

  private static void checkAnswers(Fields fields) {
    List<String> found = ANSWERS.stream().filter(fields::has).toList();
    if (found.isEmpty()) {
      fields.problem(
          Code.MISSING_FIELD, "one of route, redirect, directResponse and delegate is needed");
    } else if (found.size() > 1) {
      fields.problem(
          Code.BAD_VALUE, String.join(" and ", found) + " exclude each other; one must go");
    } else if (fields.has("rewrite") && fields.has("redirect")) {
      fields.problem(
          Code.BAD_VALUE, "rewrite", "a request that is redirected is not sent, so not rewritten");
    }
  }

  private static Optional<Spec.DelegateRef> delegate(Fields fields, boolean isDelegate) {
    Optional<Fields> delegate = fields.object("delegate");
    if (delegate.isEmpty()) {
      return Optional.empty();
    }
    if (isDelegate) {
      fields.problem(
          Code.BAD_VALUE, "delegate", "a VirtualService without hosts cannot delegate in turn");
    }
    String name = delegate.get().requiredText("name");
    String namespace = delegate.get().text("namespace").orElse("");
    delegate.get().finish();
    return Optional.of(new Spec.DelegateRef(namespace, name, delegate.get().place()));
  }

  /** Istio replaces the matched prefix where a prefix matched, else the whole path. */
  private static List<Spec.RuleSpec> rewritten(
      Spec.RuleSpec rule, Optional<Fields> rewrite, Optional<String> authority) {
    if (rewrite.isEmpty()) {
      return List.of(rule.rewriting(rewrite(authority, Optional.empty())));
    }
    Optional<String> host = rewrite.get().text("authority").or(() -> authority);
    Optional<String> uri = rewrite.get().text("uri");
    Optional<PathChange> expression =
        rewrite.get().object("uriRegexRewrite").map(IstioHttpReader::expression);
    rewrite.get().finish();
    if (uri.isPresent() && expression.isPresent()) {
      rewrite.get().problem(Code.BAD_VALUE, "uri and uriRegexRewrite exclude each other");
    }
    if (uri.isEmpty()) {
      return List.of(rule.rewriting(rewrite(host, expression)));
    }
    Map<PathChange, List<Spec.MatchSpec>> byChange = new LinkedHashMap<>();
    for (Spec.MatchSpec match : rule.matches()) {
      byChange
          .computeIfAbsent(change(match.match().path(), uri.get()), key -> new ArrayList<>())
          .add(match);
    }
    if (byChange.isEmpty()) {
      byChange.put(change(Optional.empty(), uri.get()), List.of());
    }
    List<Spec.RuleSpec> rules = new ArrayList<>();
    byChange.forEach(
        (change, matches) ->
            rules.add(
                rule.matching(List.copyOf(matches)).rewriting(rewrite(host, Optional.of(change)))));
    return List.copyOf(rules);
  }

  private static PathChange expression(Fields fields) {
    String match = fields.requiredText("match");
    String value = fields.requiredText("rewrite");
    IstioFields.checkExpression(fields, "match", match);
    fields.finish();
    return new PathChange(PathChangeKind.REGEX, match, value);
  }

  private static PathChange change(Optional<PathMatch> path, String uri) {
    if (path.isEmpty()) {
      return new PathChange(PathChangeKind.PREFIX, "/", uri);
    }
    return path.get().kind() == PathKind.TEXT_PREFIX
        ? new PathChange(PathChangeKind.PREFIX, path.get().value(), uri)
        : new PathChange(PathChangeKind.FULL, "", uri);
  }

  private static Optional<Rewrite> rewrite(Optional<String> host, Optional<PathChange> path) {
    return host.isEmpty() && path.isEmpty()
        ? Optional.empty()
        : Optional.of(new Rewrite(host, path));
  }
}
