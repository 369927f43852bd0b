package dev.weft.agent.balance;

import dev.weft.policy.Call;
import dev.weft.policy.HeaderEdit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Cookies of requests and responses (RFC 6265). Stateless. */
final class Cookies {
  private Cookies() {}

  /** The first value of a cookie; null: there is none. */
  static @Nullable String value(Call call, String name) {
    for (String header : call.header("Cookie")) {
      for (String pair : header.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
          return unquoted(pair.substring(equals + 1).strip());
        }
      }
    }
    return null;
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  /**
   * What makes the caller keep a cookie; no script of a page reads it.
   *
   * @param age null: until the caller's session ends
   * @param path empty: that of the request
   */
  static HeaderEdit set(Call call, String name, String value, @Nullable Duration age, String path) {
    StringBuilder text = new StringBuilder(name).append('=').append(value);
    if (!path.isEmpty()) {
      text.append("; Path=").append(path);
    }
    if (age != null) {
      text.append("; Max-Age=").append(age.toSeconds());
    }
    text.append("; HttpOnly");
    if (call.scheme().equals("https")) {
      text.append("; Secure");
    }
    return new HeaderEdit(HeaderEdit.Kind.ADD, "Set-Cookie", text.toString());
  }
}
