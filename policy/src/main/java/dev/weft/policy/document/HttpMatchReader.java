package dev.weft.policy.document;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteMatch.NamedMatch;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.RouteMatch.ValueKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads the matches of an {@code HTTPRoute}. */
final class HttpMatchReader {
  private static final int MAX_PATH = 1024;
  private static final int MAX_VALUE = 4096;
  private static final int MOST_NAMED = 16;
  static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  /** Sequences that a path never has once it is normalised; Gateway API refuses them. */
  private static final List<String> NEVER_IN_A_PATH =
      List.of("//", "/./", "/../", "%2f", "%2F", "#", "?");

  /** Characters of a path (RFC 3986, section 3.3) and its percent codes. */
  private static final Pattern PATH =
      Pattern.compile("([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*");

  private HttpMatchReader() {}

  static RouteMatch read(Fields fields) {
    Optional<PathMatch> path = fields.object("path").flatMap(HttpMatchReader::path);
    Optional<String> method = fields.choice("method", METHODS);
    List<NamedMatch> headers = named(fields, "headers");
    List<NamedMatch> queryParams = named(fields, "queryParams");
    fields.finish();
    return new RouteMatch(path, method, headers, queryParams);
  }

  /** The prefix {@code /} is every path, which the model says by saying nothing. */
  private static Optional<PathMatch> path(Fields fields) {
    Optional<String> type =
        fields.choice("type", List.of("Exact", "PathPrefix", "RegularExpression"));
    String value = fields.text("value").orElse("/");
    boolean unknownType = fields.has("type") && type.isEmpty();
    fields.finish();
    if (unknownType) {
      return Optional.empty();
    }
    if (value.length() > MAX_PATH) {
      fields.problem(Code.BAD_VALUE, "value", "longer than " + MAX_PATH + " characters");
      return Optional.empty();
    }
    switch (type.orElse("PathPrefix")) {
      case "RegularExpression" -> {
        checkExpression(fields, value);
        return Optional.of(new PathMatch(PathKind.REGEX, value));
      }
      case "Exact" -> {
        checkPath(fields, value);
        return Optional.of(new PathMatch(PathKind.EXACT, value));
      }
      default -> {
        checkPath(fields, value);
        // By segment, "/v2/" and "/v2" are one prefix.
        String prefix =
            value.length() > 1 && value.endsWith("/")
                ? value.substring(0, value.length() - 1)
                : value;
        return prefix.equals("/")
            ? Optional.empty()
            : Optional.of(new PathMatch(PathKind.PREFIX, prefix));
      }
    }
  }

  private static void checkPath(Fields fields, String value) {
    if (!value.startsWith("/")) {
      fields.problem(
          Code.BAD_VALUE, "value", "expected a path that starts with /, found \"" + value + "\"");
    }
    for (String never : NEVER_IN_A_PATH) {
      if (value.contains(never)) {
        fields.problem(Code.BAD_VALUE, "value", "a path cannot contain \"" + never + "\"");
      }
    }
    if (NEVER_IN_A_PATH.stream().noneMatch(value::contains) && !PATH.matches(value)) {
      fields.problem(
          Code.BAD_VALUE, "value", "not a path as requests have it, percent codes included");
    }
    if (value.endsWith("/.") || value.endsWith("/..")) {
      fields.problem(Code.BAD_VALUE, "value", "a path cannot end in a dot segment");
    }
  }

  /** Reads conditions on headers or query parameters. */
  static List<NamedMatch> named(Fields fields, String list) {
    boolean headers = list.equals("headers");
    Set<String> seen = new HashSet<>();
    List<NamedMatch> matches = new ArrayList<>();
    Portability.limit(fields, list, MOST_NAMED);
    for (Fields item : fields.objects(list)) {
      Optional<String> type = item.choice("type", List.of("Exact", "RegularExpression"));
      String name = item.requiredName("name");
      String value = item.requiredText("value");
      item.finish();
      if (!name.isEmpty() && !Names.isHeader(name)) {
        item.problem(Code.BAD_VALUE, "name", "cannot be the name of a header: \"" + name + "\"");
      }
      if (!seen.add(headers ? name.toLowerCase(Locale.ROOT) : name)) {
        item.problem(Code.BAD_VALUE, "name", "\"" + name + "\" stands here twice");
      }
      if (value.length() > MAX_VALUE) {
        item.problem(Code.BAD_VALUE, "value", "longer than " + MAX_VALUE + " characters");
      }
      ValueKind kind = ValueKind.EXACT;
      if (type.equals(Optional.of("RegularExpression"))) {
        kind = ValueKind.REGEX;
        checkExpression(item, value);
      }
      matches.add(new NamedMatch(name, kind, value));
    }
    return List.copyOf(matches);
  }

  private static void checkExpression(Fields fields, String value) {
    if (value.length() > MAX_PATH) {
      fields.problem(
          Code.BAD_VALUE, "value", "an expression longer than " + MAX_PATH + " characters");
      return;
    }
    try {
      Pattern.compile(value);
    } catch (PatternSyntaxException e) {
      fields.problem(Code.BAD_VALUE, "value", "not an RE2 expression: " + e.getDescription());
    }
  }
}
