package dev.weft.policy.validate;

import com.google.re2j.Pattern;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteMatch.NamedMatch;
import dev.weft.policy.RouteMatch.PathKind;
import dev.weft.policy.RouteMatch.PathMatch;
import dev.weft.policy.RouteMatch.TextMatch;
import dev.weft.policy.RouteMatch.ValueKind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether one match takes every request of another. Sound, not complete: where it says yes, it is
 * so; of two expressions it only knows that equal ones are equal. Stateless; pure.
 */
public final class Implication {
  private static final String ANY_TEXT = ".*";

  private Implication() {}

  /** Whether every request that fits {@code narrow} fits {@code wide}, too. */
  public static boolean covers(RouteMatch wide, RouteMatch narrow) {
    return path(wide.path(), narrow.path())
        && method(wide, narrow)
        && named(wide.headers(), narrow.headers(), true)
        && named(wide.queryParams(), narrow.queryParams(), false)
        && without(wide.withoutHeaders(), narrow.withoutHeaders())
        && text(wide.authority(), narrow.authority(), true)
        && text(wide.scheme(), narrow.scheme(), true)
        && narrow.sourceLabels().entrySet().containsAll(wide.sourceLabels().entrySet())
        && names(wide.sniHosts(), narrow.sniHosts());
  }

  private static boolean path(Optional<PathMatch> wide, Optional<PathMatch> narrow) {
    return normalPath(wide.map(PathMatch::normal), narrow.map(PathMatch::normal));
  }

  private static boolean normalPath(Optional<PathMatch> wide, Optional<PathMatch> narrow) {
    if (wide.isEmpty() || isEverything(wide.get())) {
      return true;
    }
    if (narrow.isEmpty()) {
      return false;
    }
    if (wide.get().asSent() != narrow.get().asSent()) {
      return false; // what a path is in normal form does not say how it was sent
    }
    boolean ignoreCase = wide.get().ignoreCase().orElse(false);
    if (narrow.get().ignoreCase().orElse(false) && !ignoreCase) {
      return false;
    }
    String outer = folded(wide.get().value(), ignoreCase);
    String inner = folded(narrow.get().value(), ignoreCase);
    PathKind kind = narrow.get().kind();
    return switch (wide.get().kind()) {
      case EXACT -> kind == PathKind.EXACT && inner.equals(outer);
      case PREFIX -> segments(outer, inner, kind);
      case TEXT_PREFIX -> kind != PathKind.REGEX && inner.startsWith(outer);
      case REGEX ->
          (kind == PathKind.REGEX && wide.get().value().equals(narrow.get().value()))
              || (kind == PathKind.EXACT && matches(wide.get(), narrow.get()));
    };
  }

  /** As Istio and Gateway API write "every path". */
  private static boolean isEverything(PathMatch path) {
    return switch (path.kind()) {
      case EXACT -> false;
      case PREFIX, TEXT_PREFIX -> path.value().isEmpty() || path.value().equals("/");
      case REGEX -> path.value().equals(ANY_TEXT) || path.value().equals("/" + ANY_TEXT);
    };
  }

  private static boolean segments(String prefix, String inner, PathKind kind) {
    String whole = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    boolean below = inner.startsWith(whole + "/");
    return switch (kind) {
      case EXACT, PREFIX -> below || inner.equals(whole);
      case TEXT_PREFIX -> below;
      case REGEX -> false;
    };
  }

  private static boolean matches(PathMatch expression, PathMatch exact) {
    int flags = expression.ignoreCase().orElse(false) ? Pattern.CASE_INSENSITIVE : 0;
    return Pattern.compile(expression.value(), flags).matches(exact.value());
  }

  private static boolean method(RouteMatch wide, RouteMatch narrow) {
    boolean wordFits =
        wide.method().isEmpty()
            || wide.method().equals(narrow.method())
            || text(wide.method().map(Implication::exact), narrow.methodPattern(), false);
    return wordFits
        && (wide.methodPattern().isEmpty()
            || text(wide.methodPattern(), narrow.methodPattern(), false)
            || text(wide.methodPattern(), narrow.method().map(Implication::exact), false));
  }

  private static TextMatch exact(String text) {
    return new TextMatch(ValueKind.EXACT, text);
  }

  /** Every condition of the wide match is one that the narrow match makes at least. */
  private static boolean named(
      List<NamedMatch> wide, List<NamedMatch> narrow, boolean ignoreCaseOfNames) {
    for (NamedMatch wanted : wide) {
      boolean implied = false;
      for (NamedMatch given : narrow) {
        boolean sameName =
            ignoreCaseOfNames
                ? wanted.name().equalsIgnoreCase(given.name())
                : wanted.name().equals(given.name());
        implied |= sameName && value(text(wanted), text(given), false);
      }
      if (!implied) {
        return false;
      }
    }
    return true;
  }

  /** What must be absent for the wide match is a part of what must be absent for the narrow one. */
  private static boolean without(List<NamedMatch> wide, List<NamedMatch> narrow) {
    for (NamedMatch absent : wide) {
      boolean implied = false;
      for (NamedMatch given : narrow) {
        implied |=
            absent.name().equalsIgnoreCase(given.name()) && value(text(given), text(absent), false);
      }
      if (!implied) {
        return false;
      }
    }
    return true;
  }

  private static TextMatch text(NamedMatch match) {
    return new TextMatch(match.kind(), match.value());
  }

  private static boolean text(
      Optional<TextMatch> wide, Optional<TextMatch> narrow, boolean ignoreCase) {
    return wide.isEmpty() || (narrow.isPresent() && value(wide.get(), narrow.get(), ignoreCase));
  }

  private static boolean value(TextMatch wide, TextMatch narrow, boolean ignoreCase) {
    boolean plain = narrow.kind() == ValueKind.EXACT || narrow.kind() == ValueKind.PREFIX;
    String outer = folded(wide.value(), ignoreCase);
    String inner = folded(narrow.value(), ignoreCase);
    return switch (wide.kind()) {
      case PRESENT -> true;
      case EXACT -> narrow.kind() == ValueKind.EXACT && inner.equals(outer);
      case PREFIX -> plain && inner.startsWith(outer);
      case REGEX ->
          wide.equals(narrow)
              || (narrow.kind() == ValueKind.EXACT && Pattern.compile(wide.value()).matches(inner));
    };
  }

  private static boolean names(List<String> wide, List<String> narrow) {
    if (wide.isEmpty()) {
      return true;
    }
    for (String inner : narrow) {
      boolean covered = false;
      for (String outer : wide) {
        covered |= name(outer, inner);
      }
      if (!covered) {
        return false;
      }
    }
    return !narrow.isEmpty();
  }

  /** A star stands for one label or more. */
  private static boolean name(String wide, String narrow) {
    return wide.equals(narrow)
        || (wide.startsWith("*")
            && narrow.length() >= wide.length()
            && narrow.endsWith(wide.substring(1)));
  }

  private static String folded(String text, boolean ignoreCase) {
    return ignoreCase ? text.toLowerCase(Locale.ROOT) : text;
  }
}
