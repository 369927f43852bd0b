package dev.weft.policy.document;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.weft.policy.Route;
import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads Gateway API {@code GRPCRoute}s. A method of gRPC is a path, {@code /service/method}.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/reference/spec/">Gateway API, GRPCRoute</a>
 */
final class GrpcRouteReader {
  private static final int MOST_MATCHES = 64;
  private static final int LONGEST = 1024;
  private static final String ANY = "[^/]+";
  private static final Pattern SERVICE =
      Pattern.compile("\\.?[A-Za-z_][A-Za-z_0-9]*(\\.[A-Za-z_][A-Za-z_0-9]*)*");
  private static final Pattern METHOD = Pattern.compile("[A-Za-z_][A-Za-z_0-9]*");

  private GrpcRouteReader() {}

  static Spec read(Fields document, Metadata metadata) {
    return GatewayRoute.ofRequests(
        document, metadata, Route.Layer.GRPC, (rule, name) -> rule(rule, name, metadata));
  }

  private static Spec.RuleSpec rule(Fields fields, String name, Metadata metadata) {
    List<Spec.MatchSpec> matches = new ArrayList<>();
    for (Fields match : fields.objects("matches")) {
      matches.add(match(match));
    }
    Portability.limit(fields, "matches", MOST_MATCHES);
    RouteFilters.Scope scope =
        new RouteFilters.Scope(
            Route.Layer.GRPC, metadata.namespace(), Optional.empty(), RouteFilters.Owner.RULE);
    RouteFilters filters = RouteFilters.read(fields, scope);
    List<Spec.BackendRef> backends =
        BackendRefs.read(fields, Optional.of(scope), metadata.namespace());
    RouteActions actions =
        new RouteActions(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            SessionReader.read(fields, metadata.name() + "-" + name));
    return new Spec.RuleSpec(
        name,
        List.copyOf(matches),
        filters.requestHeaders(),
        filters.responseHeaders(),
        backends,
        Optional.empty(),
        Optional.empty(),
        actions,
        filters.mirrors(),
        filters.invalid(),
        fields.place());
  }

  private static Spec.MatchSpec match(Fields fields) {
    Optional<Fields> method = fields.object("method");
    Optional<PathMatch> path = Optional.empty();
    List<Integer> lengths = List.of(0, 0);
    if (method.isPresent()) {
      boolean expression =
          method
              .get()
              .choice("type", List.of("Exact", "RegularExpression"))
              .equals(Optional.of("RegularExpression"));
      Optional<String> ofService = part(method.get(), "service", expression, SERVICE);
      Optional<String> ofMethod = part(method.get(), "method", expression, METHOD);
      method.get().finish();
      if (ofService.isEmpty() && ofMethod.isEmpty()) {
        method.get().problem(Code.MISSING_FIELD, "expected service, method or both");
      } else {
        path = Optional.of(path(ofService, ofMethod, expression));
        lengths =
            List.of(
                ofService.map(String::length).orElse(0), ofMethod.map(String::length).orElse(0));
      }
    }
    List<RouteMatch.NamedMatch> headers = HttpMatchReader.named(fields, "headers");
    fields.finish();
    return new Spec.MatchSpec(
        new RouteMatch(path, Optional.empty(), headers, List.of()),
        Optional.empty(),
        Optional.empty(),
        fields.place(),
        lengths);
  }

  private static PathMatch path(
      Optional<String> service, Optional<String> method, boolean expression) {
    if (expression) {
      return new PathMatch(PathKind.REGEX, "/" + group(service) + "/" + group(method));
    }
    if (service.isEmpty()) {
      return new PathMatch(PathKind.REGEX, "/" + ANY + "/" + method.orElse(ANY));
    }
    return method.isEmpty()
        ? new PathMatch(PathKind.PREFIX, "/" + service.get())
        : new PathMatch(PathKind.EXACT, "/" + service.get() + "/" + method.get());
  }

  private static String group(Optional<String> expression) {
    return expression.map(text -> "(?:" + text + ")").orElse(ANY);
  }

  private static Optional<String> part(
      Fields fields, String name, boolean expression, Pattern shape) {
    Optional<String> text = fields.text(name).filter(value -> !value.isEmpty());
    if (text.isEmpty()) {
      return text;
    }
    if (text.get().length() > LONGEST) {
      fields.problem(Code.BAD_VALUE, name, "longer than " + LONGEST + " characters");
      return Optional.empty();
    }
    if (!expression) {
      if (!shape.matches(text.get())) {
        fields.problem(
            Code.BAD_VALUE, name, "cannot be a " + name + " of gRPC: \"" + text.get() + "\"");
      }
      return text;
    }
    try {
      Pattern.compile(text.get());
    } catch (PatternSyntaxException e) {
      fields.problem(Code.BAD_VALUE, name, "not an RE2 expression: " + e.getDescription());
      return Optional.empty();
    }
    return text;
  }
}
