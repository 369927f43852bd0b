package dev.weft.policy.document;

import dev.weft.policy.RouteActions.SessionKind;
import dev.weft.policy.RouteActions.SessionPersistence;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Reads {@code sessionPersistence} as Gateway API v1.6 has it, and as it was until v1.5 ({@code
 * sessionName}, {@code cookieConfig}, {@code idleTimeout}).
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-1619/">GEP-1619</a>
 */
final class SessionReader {
  private static final int LONGEST_PATH = 1024;

  private SessionReader() {}

  /**
   * Reads the field.
   *
   * @param ownName names the cookie where the document does not
   */
  static Optional<SessionPersistence> read(Fields owner, String ownName) {
    Optional<Fields> found = owner.object("sessionPersistence");
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = found.get();
    Optional<String> type = fields.choice("type", List.of("Cookie", "Header"));
    Optional<Duration> absolute = Durations.read(fields, "absoluteTimeout");
    Optional<Duration> idle = Durations.read(fields, "idleTimeout");
    Optional<String> name = name(fields, "sessionName");
    SessionPersistence session =
        type.equals(Optional.of("Header"))
            ? header(fields, name, absolute, idle)
            : cookie(fields, name.orElse("weft-session-" + ownName), absolute, idle);
    fields.finish();
    return Optional.of(session);
  }

  private static SessionPersistence header(
      Fields fields, Optional<String> old, Optional<Duration> absolute, Optional<Duration> idle) {
    if (fields.has("cookie") || fields.has("cookieConfig")) {
      fields.problem(Code.DOES_NOT_FIT, "type", "sessions by a header have no cookie");
    }
    Optional<Fields> header = fields.object("header");
    Optional<String> name = header.flatMap(inner -> name(inner, "name")).or(() -> old);
    header.ifPresent(Fields::finish);
    if (name.isEmpty()) {
      fields.problem(Code.MISSING_FIELD, "sessions by a header need header.name");
    }
    return new SessionPersistence(SessionKind.HEADER, name.orElse(""), absolute, idle, false);
  }

  private static SessionPersistence cookie(
      Fields fields, String fallback, Optional<Duration> absolute, Optional<Duration> idle) {
    if (fields.has("header")) {
      fields.problem(Code.DOES_NOT_FIT, "header", "sessions by a cookie have no header");
    }
    Optional<String> name = Optional.empty();
    Optional<String> path = Optional.empty();
    boolean permanent = false;
    for (String field : List.of("cookie", "cookieConfig")) {
      Optional<Fields> cookie = fields.object(field);
      if (cookie.isPresent()) {
        name = name(cookie.get(), "name");
        path = path(cookie.get());
        permanent =
            cookie
                .get()
                .choice("lifetimeType", List.of("Permanent", "Session"))
                .equals(Optional.of("Permanent"));
        cookie.get().finish();
      }
    }
    if (permanent && absolute.isEmpty()) {
      fields.problem(Code.DOES_NOT_FIT, "a cookie that is Permanent needs an absoluteTimeout");
    }
    return new SessionPersistence(
        SessionKind.COOKIE, name.orElse(fallback), absolute, idle, permanent, path);
  }

  /** Names of cookies and of headers are tokens alike (RFC 6265, RFC 9110). */
  private static Optional<String> name(Fields fields, String field) {
    Optional<String> name = fields.text(field);
    if (name.isPresent() && !Names.isHeader(name.get())) {
      fields.problem(
          Code.BAD_VALUE,
          field,
          "cannot be the name of a cookie or a header: \"" + name.get() + "\"");
    }
    return name;
  }

  private static Optional<String> path(Fields cookie) {
    Optional<String> path = cookie.text("path");
    if (path.isPresent()
        && (!path.get().startsWith("/")
            || path.get().length() > LONGEST_PATH
            || path.get().chars().anyMatch(c -> c <= ' ' || c == ';' || c > '~'))) {
      cookie.problem(
          Code.BAD_VALUE,
          "path",
          "expected a cookie's path such as /shop, found \"" + path.get() + "\"");
    }
    return path.filter(text -> !text.equals("/"));
  }
}
