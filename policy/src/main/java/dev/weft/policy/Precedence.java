package dev.weft.policy;

import dev.weft.policy.RouteMatch.PathKind;
import java.util.Comparator;

/**
 * Gateway API's order among matches: exact paths, longer paths, methods, more headers, more query
 * parameters. It leaves the place of expressions open; here they come after exact paths and before
 * prefixes, longer ones first, because who writes one means something narrower than a prefix. Names
 * that connections are made to go exact before wildcard, longer first. Stateless.
 */
public final class Precedence {
  /** The more binding match first; equal ones go by age of route, name and order of rules. */
  public static final Comparator<RouteMatch> ORDER =
      Comparator.<RouteMatch>comparingInt(Precedence::nameRank)
          .thenComparing(Precedence::nameLength, Comparator.reverseOrder())
          .thenComparingInt(Precedence::pathRank)
          .thenComparing(Precedence::pathLength, Comparator.reverseOrder())
          .thenComparing(match -> match.method().isEmpty())
          .thenComparing(match -> match.headers().size(), Comparator.reverseOrder())
          .thenComparing(match -> match.queryParams().size(), Comparator.reverseOrder());

  private Precedence() {}

  private static int pathRank(RouteMatch match) {
    if (match.path().isEmpty()) {
      return 3;
    }
    PathKind kind = match.path().get().kind();
    return switch (kind) {
      case EXACT -> 0;
      case REGEX -> 1;
      case PREFIX, TEXT_PREFIX -> 2;
    };
  }

  private static int pathLength(RouteMatch match) {
    return match.path().map(path -> path.value().length()).orElse(0);
  }

  private static int nameRank(RouteMatch match) {
    if (match.sniHosts().isEmpty()) {
      return 2;
    }
    return match.sniHosts().stream().anyMatch(host -> !host.startsWith("*")) ? 0 : 1;
  }

  private static int nameLength(RouteMatch match) {
    return match.sniHosts().stream().mapToInt(String::length).max().orElse(0);
  }
}
