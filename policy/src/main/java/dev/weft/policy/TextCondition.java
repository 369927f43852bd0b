package dev.weft.policy;

import com.google.re2j.Pattern;
import dev.weft.policy.RouteMatch.ValueKind;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A condition on a text, ready to be asked. Expressions are RE2 and match the whole text.
 * Immutable; thread-safe.
 */
final class TextCondition {
  private final ValueKind kind;
  private final String text;
  private final @Nullable Pattern pattern;

  /**
   * Prepares a condition.
   *
   * @throws com.google.re2j.PatternSyntaxException when an expression is not RE2
   */
  TextCondition(ValueKind kind, String text) {
    this.kind = kind;
    this.text = text;
    this.pattern = kind == ValueKind.REGEX ? Pattern.compile(text) : null;
  }

  boolean matches(String actual) {
    return switch (kind) {
      case EXACT -> text.equals(actual);
      case PREFIX -> actual.startsWith(text);
      case REGEX -> pattern != null && pattern.matches(actual);
      case PRESENT -> true;
    };
  }

  /** As {@link #matches} for texts whose case has no meaning, such as hosts. */
  boolean matchesIgnoringCase(String actual) {
    return switch (kind) {
      case EXACT -> text.equalsIgnoreCase(actual);
      case PREFIX -> actual.regionMatches(true, 0, text, 0, text.length());
      case REGEX -> pattern != null && pattern.matches(actual.toLowerCase(Locale.ROOT));
      case PRESENT -> true;
    };
  }
}
