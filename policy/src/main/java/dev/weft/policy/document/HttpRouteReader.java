package dev.weft.policy.document;

import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteMatch.PathKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads Gateway API {@code HTTPRoute}s.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/reference/spec/">Gateway API, HTTPRoute</a>
 */
final class HttpRouteReader {
  private static final int MOST_MATCHES = 64;

  private HttpRouteReader() {}

  static Spec read(Fields document, Metadata metadata) {
    return GatewayRoute.ofRequests(
        document, metadata, Route.Layer.HTTP, (rule, name) -> rule(rule, name, metadata));
  }

  private static Spec.RuleSpec rule(Fields fields, String name, Metadata metadata) {
    List<Spec.MatchSpec> matches = new ArrayList<>();
    for (Fields match : fields.objects("matches")) {
      RouteMatch read = HttpMatchReader.read(match);
      matches.add(new Spec.MatchSpec(read, Optional.empty(), Optional.empty(), match.place()));
    }
    Portability.limit(fields, "matches", MOST_MATCHES);
    RouteFilters.Scope scope =
        new RouteFilters.Scope(
            Route.Layer.HTTP, metadata.namespace(), prefix(matches), RouteFilters.Owner.RULE);
    RouteFilters filters = RouteFilters.read(fields, scope);
    List<Spec.BackendRef> backends =
        BackendRefs.read(fields, Optional.of(scope), metadata.namespace());
    if (filters.actions().redirect().isPresent() && !backends.isEmpty()) {
      fields.problem(
          Code.DOES_NOT_FIT, "backendRefs", "a rule that redirects sends nothing to backends");
    }
    Optional<Duration> request = Optional.empty();
    Optional<Duration> attempt = Optional.empty();
    Optional<Fields> timeouts = fields.object("timeouts");
    if (timeouts.isPresent()) {
      request = timeout(timeouts.get(), "request");
      attempt = timeout(timeouts.get(), "backendRequest");
      if (request.isPresent()
          && attempt.isPresent()
          && attempt.get().compareTo(request.get()) > 0) {
        timeouts
            .get()
            .problem(
                Code.BAD_VALUE, "backendRequest", "one attempt cannot last longer than request");
      }
      timeouts.get().finish();
    }
    RouteActions actions =
        new RouteActions(
            RetryReader.read(fields),
            filters.actions().rewrite(),
            List.of(),
            Optional.empty(),
            filters.actions().redirect(),
            Optional.empty(),
            filters.actions().cors(),
            SessionReader.read(fields, metadata.name() + "-" + name));
    return new Spec.RuleSpec(
        name,
        List.copyOf(matches),
        filters.requestHeaders(),
        filters.responseHeaders(),
        backends,
        request,
        attempt,
        actions,
        filters.mirrors(),
        filters.invalid(),
        fields.place());
  }

  /** The prefix that {@code ReplacePrefixMatch} replaces; without matches it is every path's. */
  private static Optional<String> prefix(List<Spec.MatchSpec> matches) {
    if (matches.isEmpty()) {
      return Optional.of("/");
    }
    Optional<RouteMatch.PathMatch> path = matches.get(0).match().path();
    boolean isPrefix = path.isEmpty() || path.get().kind() == PathKind.PREFIX;
    return matches.size() == 1 && isPrefix
        ? Optional.of(path.map(RouteMatch.PathMatch::value).orElse("/"))
        : Optional.empty();
  }

  /** A timeout of zero is none at all. */
  private static Optional<Duration> timeout(Fields fields, String name) {
    return Durations.read(fields, name).filter(duration -> !duration.isZero());
  }
}
