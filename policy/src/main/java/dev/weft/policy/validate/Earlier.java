package dev.weft.policy.validate;

import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteMatch.PathMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The matches that come before one, found by path, so that comparing a list with itself is not
 * quadratic. Where thousands of matches stand at one path it gives up, and says that nothing takes
 * the request: a check may miss something, but it ends. Not thread-safe.
 */
final class Earlier<T> {
  private static final int MOST_AT_ONE_PATH = 500;

  private final Map<RouteMatch, T> same = new HashMap<>();
  private final Map<String, List<Entry<T>>> byPath = new HashMap<>();

  private record Entry<T>(RouteMatch match, T owner) {}

  /** Who takes every request of a match; null: nobody that is known. */
  @Nullable T takes(RouteMatch match) {
    T equal = same.get(match);
    if (equal != null) {
      return equal;
    }
    String path = fixedPath(match.path());
    T found = among("", match);
    int slash = path.indexOf('/', 1);
    while (found == null && slash > 0) {
      found = among(path.substring(0, slash), match);
      slash = path.indexOf('/', slash + 1);
    }
    return found == null && !path.isEmpty() ? among(path, match) : found;
  }

  void add(RouteMatch match, T owner) {
    same.putIfAbsent(match, owner);
    byPath
        .computeIfAbsent(place(match.path()), key -> new ArrayList<>())
        .add(new Entry<>(match, owner));
  }

  private @Nullable T among(String place, RouteMatch match) {
    List<Entry<T>> entries = byPath.getOrDefault(place, List.of());
    int end = Math.min(entries.size(), MOST_AT_ONE_PATH);
    for (int i = 0; i < end; i++) {
      if (Implication.covers(entries.get(i).match(), match)) {
        return entries.get(i).owner();
      }
    }
    return null;
  }

  /** What every path begins with that fits. */
  private static String fixedPath(Optional<PathMatch> path) {
    if (path.isEmpty() || path.get().ignoreCase().orElse(false)) {
      return "";
    }
    return switch (path.get().kind()) {
      case EXACT, TEXT_PREFIX -> path.get().value();
      case PREFIX -> stripped(path.get().value());
      case REGEX -> "";
    };
  }

  /** The whole segments under which a match is kept; whatever it covers begins with them. */
  private static String place(Optional<PathMatch> path) {
    String fixed = fixedPath(path);
    boolean cut = path.isPresent() && path.get().kind() == RouteMatch.PathKind.TEXT_PREFIX;
    return cut ? fixed.substring(0, Math.max(fixed.lastIndexOf('/'), 0)) : fixed;
  }

  private static String stripped(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
