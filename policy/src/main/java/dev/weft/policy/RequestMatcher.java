package dev.weft.policy;

import com.google.re2j.Pattern;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.RouteMatch.ValueKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RouteMatch} that is ready to be asked. Expressions are RE2 and match the whole value. Of
 * a header that stands several times, the values joined by commas are compared (RFC 9110, section
 * 5.2); of a query parameter, the first value, percent-decoded. Immutable; thread-safe.
 */
final class RequestMatcher {
  static final RequestMatcher EVERY_REQUEST =
      of(new RouteMatch(Optional.empty(), Optional.empty(), List.of(), List.of()));

  /**
   * Gateway API's precedence: exact paths, longer paths, methods, more headers, more query
   * parameters. It leaves the place of expressions open; here they come after exact paths and
   * before prefixes, longer ones first, because who writes one means something narrower than a
   * prefix.
   */
  static final Comparator<RequestMatcher> PRECEDENCE =
      Comparator.<RequestMatcher>comparingInt(matcher -> matcher.pathRank())
          .thenComparing(matcher -> matcher.path.length(), Comparator.reverseOrder())
          .thenComparing(matcher -> matcher.method == null)
          .thenComparing(matcher -> matcher.headers.size(), Comparator.reverseOrder())
          .thenComparing(matcher -> matcher.queryParams.size(), Comparator.reverseOrder());

  private final @Nullable PathKind pathKind;
  private final String path;
  private final @Nullable Pattern pathPattern;
  private final @Nullable String method;
  private final List<Value> headers;
  private final List<Value> queryParams;

  private RequestMatcher(RouteMatch match) {
    PathMatch pathMatch = match.path().orElse(null);
    this.pathKind = pathMatch == null ? null : pathMatch.kind();
    this.path = pathMatch == null ? "" : pathMatch.value();
    this.pathPattern = pathKind == PathKind.REGEX ? Pattern.compile(path) : null;
    this.method = match.method().orElse(null);
    this.headers = values(match.headers());
    this.queryParams = values(match.queryParams());
  }

  /**
   * Prepares a match.
   *
   * @throws com.google.re2j.PatternSyntaxException when an expression is not RE2
   */
  static RequestMatcher of(RouteMatch match) {
    return new RequestMatcher(match);
  }

  /** A condition on a named value; without pattern the text must be equal. */
  private record Value(String name, String text, @Nullable Pattern pattern) {
    boolean matches(String actual) {
      return pattern == null ? text.equals(actual) : pattern.matches(actual);
    }
  }

  /**
   * Whether all conditions hold.
   *
   * @param target the call's path and query
   */
  boolean matches(Call call, String target) {
    int query = target.indexOf('?');
    int pathEnd = query < 0 ? target.length() : query;
    if (!pathMatches(target, pathEnd) || (method != null && !method.equals(call.method()))) {
      return false;
    }
    for (Value header : headers) {
      List<String> values = call.header(header.name());
      if (values.isEmpty()
          || !header.matches(values.size() == 1 ? values.get(0) : String.join(",", values))) {
        return false;
      }
    }
    for (Value parameter : queryParams) {
      String value = query < 0 ? null : parameter(target, query + 1, parameter.name());
      if (value == null || !parameter.matches(value)) {
        return false;
      }
    }
    return true;
  }

  private int pathRank() {
    if (pathKind == null) {
      return 3;
    }
    return switch (pathKind) {
      case EXACT -> 0;
      case REGEX -> 1;
      case PREFIX -> 2;
    };
  }

  private boolean pathMatches(String target, int end) {
    if (pathKind == null) {
      return true;
    }
    return switch (pathKind) {
      case EXACT -> end == path.length() && target.startsWith(path);
      case REGEX -> pathPattern != null && pathPattern.matches(target.substring(0, end));
      case PREFIX -> startsWithSegments(target, end);
    };
  }

  private boolean startsWithSegments(String target, int end) {
    int length = path.endsWith("/") ? path.length() - 1 : path.length();
    return end >= length
        && target.regionMatches(0, path, 0, length)
        && (end == length || target.charAt(length) == '/');
  }

  private static @Nullable String parameter(String target, int start, String name) {
    int from = start;
    while (from <= target.length()) {
      int end = target.indexOf('&', from);
      end = end < 0 ? target.length() : end;
      int equals = target.indexOf('=', from);
      int nameEnd = equals < 0 || equals > end ? end : equals;
      if (decoded(target.substring(from, nameEnd)).equals(name)) {
        return nameEnd == end ? "" : decoded(target.substring(nameEnd + 1, end));
      }
      from = end + 1;
    }
    return null;
  }

  /** Percent codes only: a plus sign stays one, as in Envoy. What is no code stays as it is. */
  private static String decoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    byte[] decoded = new byte[raw.length];
    int length = 0;
    for (int i = 0; i < raw.length; i++) {
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (raw[i] == '%' && high >= 0 && low >= 0) {
        decoded[length++] = (byte) (high * 16 + low);
        i += 2;
      } else {
        decoded[length++] = raw[i];
      }
    }
    return new String(decoded, 0, length, StandardCharsets.UTF_8);
  }

  private static List<Value> values(List<RouteMatch.NamedMatch> matches) {
    List<Value> values = new ArrayList<>();
    for (RouteMatch.NamedMatch match : matches) {
      values.add(
          new Value(
              match.name(),
              match.value(),
              match.kind() == ValueKind.REGEX ? Pattern.compile(match.value()) : null));
    }
    return List.copyOf(values);
  }
}
