package dev.weft.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A set of web origins (RFC 6454): {@code https://shop.example.com}, with {@code *} for any number
 * of labels of the host, or {@code *} alone. A port that is missing is that of the scheme.
 * Immutable; thread-safe.
 */
final class Origins {
  private final Set<String> exact = new HashSet<>();
  private final List<Wildcard> wildcards = new ArrayList<>();
  private final List<TextCondition> conditions = new ArrayList<>();
  private final boolean all;

  /**
   * Prepares a set.
   *
   * @param conditions on an origin as it was sent
   * @throws com.google.re2j.PatternSyntaxException when an expression is not RE2
   */
  Origins(List<String> origins, List<RouteMatch.TextMatch> conditions) {
    boolean any = false;
    for (String origin : origins) {
      int star = origin.indexOf('*');
      if (origin.equals("*")) {
        any = true;
      } else if (star < 0) {
        exact.add(canonical(origin));
      } else {
        String text = canonical(origin);
        wildcards.add(new Wildcard(text.substring(0, star), text.substring(star + 1)));
      }
    }
    conditions.forEach(one -> this.conditions.add(new TextCondition(one.kind(), one.value())));
    all = any;
  }

  /** An origin with a star between these. */
  private record Wildcard(String before, String after) {
    /** A star stands for labels, never for a port. */
    boolean fits(String origin) {
      int from = before.length();
      int to = origin.length() - after.length();
      return from < to
          && origin.startsWith(before)
          && origin.endsWith(after)
          && isHost(origin.substring(from, to));
    }

    private static boolean isHost(String text) {
      boolean address = text.startsWith("[") && text.endsWith("]");
      return text.indexOf('/') < 0 && (address || text.indexOf(':') < 0);
    }
  }

  /** Whether a header {@code Origin} names one of them. */
  boolean allow(String origin) {
    if (all) {
      return true;
    }
    String canonical = canonical(origin);
    if (exact.contains(canonical)) {
      return true;
    }
    for (Wildcard wildcard : wildcards) {
      if (wildcard.fits(canonical)) {
        return true;
      }
    }
    for (TextCondition condition : conditions) {
      if (condition.matches(origin)) {
        return true;
      }
    }
    return false;
  }

  private static String canonical(String origin) {
    String text = origin.toLowerCase(Locale.ROOT);
    if (text.startsWith("http://") && text.endsWith(":80")) {
      return text.substring(0, text.length() - ":80".length());
    }
    return text.startsWith("https://") && text.endsWith(":443")
        ? text.substring(0, text.length() - ":443".length())
        : text;
  }
}
