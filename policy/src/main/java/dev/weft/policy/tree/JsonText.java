package dev.weft.policy.tree;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Trees of {@link Trees} as JSON text in the one form that hashes are taken of: no white space,
 * keys in the tree's order, escapes only where JSON demands them, numbers as Java writes them. So
 * whoever reads the text into a tree and writes it again gets the same bytes. Stateless;
 * thread-safe.
 */
public final class JsonText {
  private static final String HEX = "0123456789abcdef";

  private JsonText() {}

  /**
   * The text of a tree in UTF-8.
   *
   * @throws IllegalArgumentException when it holds something that JSON has no text for
   */
  public static byte[] bytes(Object tree) {
    StringBuilder text = new StringBuilder(256);
    write(tree, text);
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void write(Object tree, StringBuilder text) {
    if (tree instanceof Map<?, ?> map) {
      writeMap(map, text);
    } else if (tree instanceof List<?> list) {
      text.append('[');
      for (int i = 0; i < list.size(); i++) {
        if (i > 0) {
          text.append(',');
        }
        write(list.get(i), text);
      }
      text.append(']');
    } else if (tree instanceof String string) {
      writeString(string, text);
    } else if (tree instanceof Boolean
        || (tree instanceof Number number && Double.isFinite(number.doubleValue()))) {
      text.append(tree);
    } else {
      throw new IllegalArgumentException("no JSON for a value of " + tree.getClass());
    }
  }

  private static void writeMap(Map<?, ?> map, StringBuilder text) {
    text.append('{');
    boolean first = true;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getValue() == null) {
        continue; // null and absence mean the same
      }
      if (!first) {
        text.append(',');
      }
      first = false;
      writeString(String.valueOf(entry.getKey()), text);
      text.append(':');
      write(entry.getValue(), text);
    }
    text.append('}');
  }

  private static void writeString(String string, StringBuilder text) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < 0x20) {
        text.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
