package dev.weft.policy;

import com.google.re2j.Pattern;
import dev.weft.policy.RouteMatch.NamedMatch;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.RouteMatch.TextMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RouteMatch} that is ready to be asked. Of a header that stands several times, the values
 * joined by commas are compared (RFC 9110, section 5.2); of a query parameter, the first value,
 * percent-decoded. Immutable; thread-safe.
 */
final class RequestMatcher {
  private final @Nullable PathKind pathKind;
  private final String path;
  private final boolean ignoreCase;
  private final boolean asSent;
  private final @Nullable Pattern pathPattern;
  private final @Nullable String method;
  private final @Nullable TextCondition methodPattern;
  private final @Nullable TextCondition authority;
  private final @Nullable TextCondition scheme;
  private final List<Value> headers;
  private final List<Value> withoutHeaders;
  private final List<Value> queryParams;

  /**
   * Prepares a match.
   *
   * @throws com.google.re2j.PatternSyntaxException when an expression is not RE2
   */
  RequestMatcher(RouteMatch match) {
    PathMatch pathMatch = match.path().map(PathMatch::normal).orElse(null);
    this.pathKind = pathMatch == null ? null : pathMatch.kind();
    this.path = pathMatch == null ? "" : pathMatch.value();
    this.ignoreCase = pathMatch != null && pathMatch.ignoreCase().orElse(false);
    this.asSent = pathMatch != null && pathMatch.asSent();
    this.pathPattern =
        pathKind == PathKind.REGEX
            ? Pattern.compile(path, ignoreCase ? Pattern.CASE_INSENSITIVE : 0)
            : null;
    this.method = match.method().orElse(null);
    this.methodPattern = condition(match.methodPattern());
    this.authority = condition(match.authority());
    this.scheme = condition(match.scheme());
    this.headers = values(match.headers());
    this.withoutHeaders = values(match.withoutHeaders());
    this.queryParams = values(match.queryParams());
  }

  private record Value(String name, TextCondition condition) {}

  /**
   * Whether all conditions hold.
   *
   * @param target the call's {@linkplain Call#normalTarget path and query in normal form}
   * @param pathEnd where the path ends in it
   */
  boolean matches(Call call, String target, int pathEnd) {
    if (method != null && !method.equals(call.method())) {
      return false;
    }
    String sent = asSent ? call.pathAndQuery() : target;
    if (!pathMatches(sent, asSent ? RequestTarget.pathEnd(sent) : pathEnd)
        || (methodPattern != null && !methodPattern.matches(call.method()))
        || (authority != null && !authority.matchesIgnoringCase(call.host()))
        || (scheme != null && !scheme.matchesIgnoringCase(call.scheme()))) {
      return false;
    }
    // Counted loops: an iterator is garbage on every request.
    for (int i = 0; i < headers.size(); i++) {
      if (!headerMatches(call, headers.get(i))) {
        return false;
      }
    }
    for (int i = 0; i < withoutHeaders.size(); i++) {
      if (headerMatches(call, withoutHeaders.get(i))) {
        return false;
      }
    }
    for (int i = 0; i < queryParams.size(); i++) {
      Value wanted = queryParams.get(i);
      String value =
          pathEnd == target.length()
              ? null
              : QueryString.parameter(target, pathEnd + 1, wanted.name());
      if (value == null || !wanted.condition().matches(value)) {
        return false;
      }
    }
    return true;
  }

  private static boolean headerMatches(Call call, Value wanted) {
    List<String> values = call.header(wanted.name());
    return !values.isEmpty()
        && wanted
            .condition()
            .matches(values.size() == 1 ? values.get(0) : String.join(",", values));
  }

  /** Whether it says anything about the path. */
  boolean asksForPath() {
    return pathKind != null;
  }

  private boolean pathMatches(String target, int end) {
    if (pathKind == null) {
      return true;
    }
    return switch (pathKind) {
      case EXACT -> end == path.length() && startsWith(target, path.length());
      case TEXT_PREFIX -> end >= path.length() && startsWith(target, path.length());
      case REGEX -> pathPattern != null && pathPattern.matches(target.substring(0, end));
      case PREFIX -> startsWithSegments(target, end);
    };
  }

  private boolean startsWithSegments(String target, int end) {
    int length = path.endsWith("/") ? path.length() - 1 : path.length();
    return end >= length
        && startsWith(target, length)
        && (end == length || target.charAt(length) == '/');
  }

  private boolean startsWith(String target, int length) {
    return target.regionMatches(ignoreCase, 0, path, 0, length);
  }

  private static @Nullable TextCondition condition(Optional<TextMatch> match) {
    return match.map(text -> new TextCondition(text.kind(), text.value())).orElse(null);
  }

  private static List<Value> values(List<NamedMatch> matches) {
    List<Value> values = new ArrayList<>();
    for (NamedMatch match : matches) {
      values.add(new Value(match.name(), new TextCondition(match.kind(), match.value())));
    }
    return List.copyOf(values);
  }
}
