package dev.weft.policy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A path with operators: <code>{*}</code> stands for one segment that is not empty, <code>{**}
 * </code>, the last operator, for any text at all. Each has a segment of its own. Immutable.
 */
public final class PathTemplate {
  private static final String ONE = "{*}";
  private static final String REST = "{**}";

  /** The texts before, between and after the {@code {*}}. */
  private final List<String> texts;

  /** What follows {@code {**}}; null without that operator. */
  private final @Nullable String end;

  private PathTemplate(List<String> texts, @Nullable String end) {
    this.texts = texts;
    this.end = end;
  }

  /** Whether a pattern of paths is a template, well-formed or not. */
  public static boolean isTemplate(String pattern) {
    return pattern.indexOf('{') >= 0 || pattern.indexOf('}') >= 0;
  }

  /**
   * Parses a template.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public static PathTemplate parse(String template) {
    if (!template.startsWith("/")) {
      throw new IllegalArgumentException("a path template begins with \"/\"");
    }
    List<String> texts = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    boolean rest = false;
    String[] segments = template.substring(1).split("/", -1);
    for (String segment : segments) {
      text.append('/');
      if (segment.equals(ONE) || segment.equals(REST)) {
        if (rest) {
          throw new IllegalArgumentException("{**} must be the last operator");
        }
        texts.add(text.toString());
        text.setLength(0);
        rest = segment.equals(REST);
      } else if (segment.indexOf('*') >= 0 || isTemplate(segment)) {
        throw new IllegalArgumentException(
            "a segment is text, {*} or {**}, found \"" + segment + "\"");
      } else {
        text.append(segment);
      }
    }
    if (rest) {
      return new PathTemplate(List.copyOf(texts), text.toString());
    }
    texts.add(text.toString());
    return new PathTemplate(List.copyOf(texts), null);
  }

  /** Whether it describes the whole path. */
  boolean match(String path) {
    int at = 0;
    for (int i = 0; i < texts.size(); i++) {
      if (i > 0) {
        int next = path.indexOf('/', at);
        int segmentEnd = next < 0 ? path.length() : next;
        if (segmentEnd == at) {
          return false;
        }
        at = segmentEnd;
      }
      if (!path.startsWith(texts.get(i), at)) {
        return false;
      }
      at += texts.get(i).length();
    }
    return end == null
        ? at == path.length()
        : path.length() - end.length() >= at && path.endsWith(end);
  }
}
