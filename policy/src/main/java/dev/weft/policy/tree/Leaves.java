package dev.weft.policy.tree;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The leaves of a tree of {@link Trees}, by their path: {@code outliers.interval}. Stateless. */
public final class Leaves {
  private Leaves() {}

  /** In order of the tree. Lists of plain values are one leaf; others are counted from 0. */
  public static Map<String, String> of(Map<String, Object> tree) {
    Map<String, String> leaves = new LinkedHashMap<>();
    tree.forEach((key, value) -> add(key, value, leaves));
    return leaves;
  }

  private static void add(String path, Object value, Map<String, String> leaves) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, inner) -> add(path + "." + key, inner, leaves));
    } else if (value instanceof List<?> list && list.stream().anyMatch(Leaves::isBranch)) {
      for (int i = 0; i < list.size(); i++) {
        add(path + "[" + i + "]", list.get(i), leaves);
      }
    } else if (value instanceof List<?> list) {
      if (!list.isEmpty()) {
        leaves.put(path, String.join(", ", list.stream().map(Leaves::text).toList()));
      }
    } else {
      leaves.put(path, text(value));
    }
  }

  private static boolean isBranch(Object value) {
    return value instanceof Map<?, ?> || value instanceof List<?>;
  }

  /** Durations stand in trees as ISO 8601 has them; people write {@code 2s}. */
  private static String text(Object value) {
    String text = value.toString();
    if (text.matches("PT(\\d+H)?(\\d+M)?(\\d+(\\.\\d+)?S)?") && text.length() > 2) {
      return DurationText.of(Duration.parse(text));
    }
    return text;
  }
}
