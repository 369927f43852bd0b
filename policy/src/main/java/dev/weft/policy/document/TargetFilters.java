package dev.weft.policy.document;

import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteActions.PathChange;
import dev.weft.policy.RouteActions.PathChangeKind;
import java.util.List;
import java.util.Optional;

/** Reads the filters that change where a request goes: redirects and rewrites. */
final class TargetFilters {
  private static final int MAX_PORT = 65_535;
  private static final int LONGEST_PATH = 1024;
  private static final int FOUND = 302;
  private static final List<Integer> STATUSES = List.of(301, FOUND, 303, 307, 308);

  private TargetFilters() {}

  /** Reads {@code requestRedirect}; for {@code prefix} see {@link RouteFilters.Scope}. */
  static RouteActions.Redirect redirect(Fields fields, Optional<String> prefix) {
    Optional<String> scheme = fields.choice("scheme", List.of("http", "https"));
    Optional<String> host = hostname(fields);
    Optional<Integer> port = fields.number("port", 1, MAX_PORT);
    Optional<PathChange> path = path(fields, prefix);
    int status = fields.number("statusCode", 0, 999).orElse(FOUND);
    if (!STATUSES.contains(status)) {
      fields.problem(
          Code.BAD_VALUE, "statusCode", "expected one of 301, 302, 303, 307, 308, found " + status);
    }
    fields.finish();
    return new RouteActions.Redirect(scheme, host, port, path, status);
  }

  /** Reads {@code urlRewrite}. */
  static RouteActions.Rewrite rewrite(Fields fields, Optional<String> prefix) {
    Optional<String> host = hostname(fields);
    Optional<PathChange> path = path(fields, prefix);
    fields.finish();
    return new RouteActions.Rewrite(host, path);
  }

  private static Optional<String> hostname(Fields fields) {
    Optional<String> host = fields.text("hostname");
    if (host.isPresent() && !Names.isSubdomain(host.get())) {
      fields.problem(
          Code.BAD_VALUE,
          "hostname",
          "expected a DNS name in lower case, found \"" + host.get() + "\"");
    }
    return host;
  }

  private static Optional<PathChange> path(Fields filter, Optional<String> prefix) {
    Optional<Fields> found = filter.object("path");
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = found.get();
    Optional<String> type = fields.choice("type", List.of("ReplaceFullPath", "ReplacePrefixMatch"));
    if (!fields.has("type")) {
      fields.problem(Code.MISSING_FIELD, "field \"type\" is missing");
    }
    Optional<String> full = value(fields, "replaceFullPath");
    Optional<String> ofPrefix = value(fields, "replacePrefixMatch");
    fields.finish();
    if (type.isEmpty()) {
      return Optional.empty();
    }
    boolean whole = type.get().equals("ReplaceFullPath");
    if ((whole ? full : ofPrefix).isEmpty()) {
      String wanted = whole ? "replaceFullPath" : "replacePrefixMatch";
      fields.problem(Code.MISSING_FIELD, "field \"" + wanted + "\" is missing");
    }
    if ((whole ? ofPrefix : full).isPresent()) {
      fields.problem(
          Code.DOES_NOT_FIT,
          whole ? "replacePrefixMatch" : "replaceFullPath",
          "a change of type " + type.get() + " has none");
    }
    if (whole) {
      return Optional.of(new PathChange(PathChangeKind.FULL, "", full.orElse("/")));
    }
    if (prefix.isEmpty()) {
      fields.problem(
          Code.DOES_NOT_FIT,
          "type",
          "ReplacePrefixMatch needs a rule with exactly one match, by PathPrefix");
    }
    return Optional.of(
        new PathChange(PathChangeKind.PREFIX, prefix.orElse("/"), ofPrefix.orElse("")));
  }

  /** What becomes part of a request's target or of a Location must not end it. */
  private static Optional<String> value(Fields fields, String name) {
    Optional<String> value = fields.text(name);
    if (value.isPresent()
        && (value.get().length() > LONGEST_PATH
            || value.get().chars().anyMatch(c -> c <= ' ' || c > '~' || c == '?' || c == '#'))) {
      fields.problem(
          Code.BAD_VALUE, name, "cannot be a path, or part of one: \"" + value.get() + "\"");
    }
    return value;
  }
}
