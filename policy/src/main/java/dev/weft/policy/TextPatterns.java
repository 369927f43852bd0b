package dev.weft.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Alternatives: exact texts, {@code prefix*}, {@code *suffix}, {@code *} for anything that is not
 * empty, and, for paths, templates. Immutable.
 */
public final class TextPatterns {
  private final Set<String> exact = new HashSet<>();
  private final String[] prefixes;
  private final String[] suffixes;
  private final PathTemplate[] templates;
  private final boolean anything;

  private TextPatterns(List<String> patterns, boolean paths) {
    List<String> starts = new ArrayList<>();
    List<String> ends = new ArrayList<>();
    List<PathTemplate> wild = new ArrayList<>();
    boolean all = false;
    for (String pattern : patterns) {
      if (paths && PathTemplate.isTemplate(pattern)) {
        wild.add(PathTemplate.parse(pattern));
      } else if (pattern.equals("*")) {
        all = true;
      } else if (pattern.endsWith("*")) {
        starts.add(pattern.substring(0, pattern.length() - 1));
      } else if (pattern.startsWith("*")) {
        ends.add(pattern.substring(1));
      } else {
        exact.add(pattern);
      }
    }
    prefixes = starts.toArray(String[]::new);
    suffixes = ends.toArray(String[]::new);
    templates = wild.toArray(PathTemplate[]::new);
    anything = all;
  }

  /** Patterns of anything but paths. */
  public static TextPatterns of(List<String> patterns) {
    return new TextPatterns(patterns, false);
  }

  /** Patterns of paths, some of which may be templates. */
  static TextPatterns ofPaths(List<String> patterns) {
    return new TextPatterns(patterns, true);
  }

  /** Whether there are no alternatives at all. */
  public boolean isEmpty() {
    return exact.isEmpty()
        && prefixes.length == 0
        && suffixes.length == 0
        && templates.length == 0
        && !anything;
  }

  /** Whether one of them fits. */
  public boolean match(String text) {
    if ((anything && !text.isEmpty()) || exact.contains(text)) {
      return true;
    }
    for (String prefix : prefixes) {
      if (text.startsWith(prefix)) {
        return true;
      }
    }
    for (String suffix : suffixes) {
      if (text.endsWith(suffix)) {
        return true;
      }
    }
    for (PathTemplate template : templates) {
      if (template.match(text)) {
        return true;
      }
    }
    return false;
  }
}
