package dev.weft.policy;

import com.google.re2j.Pattern;
import dev.weft.policy.RouteActions.PathChange;
import java.util.Locale;

/** Changed targets of requests: where redirects lead, and what rewrites send. Stateless. */
public final class RequestTarget {
  private static final int OF_SCHEME = 0;

  private RequestTarget() {}

  /**
   * The absolute URI of a redirect. The query stays.
   *
   * @param prefix the path that the rule matched, for changes of a prefix without one of their own
   */
  static String location(Call call, RouteActions.Redirect redirect, String prefix) {
    String scheme = redirect.scheme().orElse(call.scheme()).toLowerCase(Locale.ROOT);
    // GEP-1323 and the field's text: a scheme without a port means the scheme's own port.
    int port = redirect.port().orElse(redirect.scheme().isPresent() ? OF_SCHEME : call.port());
    port = port == OF_SCHEME ? defaultPort(scheme) : port;
    String target = call.pathAndQuery();
    return scheme
        + "://"
        + authority(redirect.host().orElse(call.host()), port, scheme)
        + redirect.path().map(change -> changed(target, change, prefix)).orElse(target);
  }

  /**
   * What names a server in a URI or in {@code Host}: brackets around an IPv6 literal, and no port
   * where it is the scheme's own.
   *
   * @param scheme {@code http} or {@code https}
   */
  public static String authority(String host, int port, String scheme) {
    String bracketed = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    return port == defaultPort(scheme) ? bracketed : bracketed + ":" + port;
  }

  /** Where the path ends in a path and query. */
  static int pathEnd(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target.length() : query;
  }

  /**
   * A path and query after a change of the path; the query stays. A prefix is found where the rule
   * found it: in the path's normal form.
   *
   * @param target path and query as sent
   * @param matched the prefix that the rule matched, where the change names none
   */
  public static String changed(String target, PathChange change, String matched) {
    int end = pathEnd(target);
    String path = target.substring(0, end);
    String rest = target.substring(end);
    return switch (change.kind()) {
      case FULL -> rooted(change.value()) + rest;
      case PREFIX ->
          replacedPrefix(
                  path, change.prefix().isEmpty() ? matched : change.prefix(), change.value())
              + rest;
      case REGEX -> replacedExpression(path, change) + rest;
    };
  }

  /** By segments: {@code /a} to {@code /b/} makes {@code /a/x} into {@code /b/x}. */
  private static String replacedPrefix(String sent, String matched, String value) {
    String rest = rest(sent, matched);
    if (rest.isEmpty()) {
      return rooted(value);
    }
    String head = value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
    return rooted(head + (rest.startsWith("/") ? rest : "/" + rest));
  }

  /**
   * What follows a prefix: as it was sent where the prefix stands there and no dots lead back into
   * it, else in the form in which the prefix was found.
   */
  private static String rest(String sent, String matched) {
    // One that names parameters was looked for in the path as sent.
    boolean asSent = matched.indexOf(';') >= 0;
    String prefix = asSent ? matched : NormalPath.coded(matched);
    int length = prefix.endsWith("/") ? prefix.length() - 1 : prefix.length();
    boolean literal =
        sent.regionMatches(true, 0, prefix, 0, length)
            && (sent.length() == length
                || (sent.charAt(length) == '/' && NormalPath.staysBelow(sent.substring(length))));
    if (asSent || literal) {
      return sent.substring(Math.min(length, sent.length()));
    }
    String path = NormalPath.withParameters(sent);
    return path.substring(NormalPath.end(path, length));
  }

  private static String replacedExpression(String path, PathChange change) {
    // RE2's \1 is written $1 in Java, where a dollar has no other meaning.
    String replacement = change.value().replace("$", "\\$").replaceAll("\\\\([0-9])", "\\$$1");
    return rooted(Pattern.compile(change.prefix()).matcher(path).replaceAll(replacement));
  }

  private static String rooted(String path) {
    return path.startsWith("/") ? path : "/" + path;
  }

  private static int defaultPort(String scheme) {
    return scheme.equals("https") ? 443 : 80;
  }
}
