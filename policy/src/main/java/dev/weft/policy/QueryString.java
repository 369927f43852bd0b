package dev.weft.policy;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Looks parameters up in the query of a request's target. Stateless. */
public final class QueryString {
  private QueryString() {}

  /**
   * The first value of a parameter, percent-decoded; null: there is none.
   *
   * @param start of the query in {@code target}
   */
  public static @Nullable String parameter(String target, int start, String name) {
    int from = start;
    while (from <= target.length()) {
      int end = target.indexOf('&', from);
      end = end < 0 ? target.length() : end;
      int equals = target.indexOf('=', from);
      int nameEnd = equals < 0 || equals > end ? end : equals;
      if (isName(target, from, nameEnd, name)) {
        return nameEnd == end ? "" : decoded(target.substring(nameEnd + 1, end));
      }
      from = end + 1;
    }
    return null;
  }

  private static boolean isName(String target, int from, int to, String name) {
    if (to - from == name.length() && target.regionMatches(from, name, 0, name.length())) {
      return name.indexOf('%') < 0;
    }
    int code = target.indexOf('%', from);
    return code >= 0 && code < to && decoded(target.substring(from, to)).equals(name);
  }

  /** Percent codes only: a plus sign stays one, as in Envoy. What is no code stays as it is. */
  private static String decoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    byte[] decoded = new byte[raw.length];
    int length = 0;
    for (int i = 0; i < raw.length; i++) {
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (raw[i] == '%' && high >= 0 && low >= 0) {
        decoded[length++] = (byte) (high * 16 + low);
        i += 2;
      } else {
        decoded[length++] = raw[i];
      }
    }
    return new String(decoded, 0, length, StandardCharsets.UTF_8);
  }
}
