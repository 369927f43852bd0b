package dev.weft.server.diff;

import java.util.Locale;

/** Names of the model's fields as people say them. Stateless. */
final class Words {
  private Words() {}

  /** {@code limits.maxRequestsPerConnection} is {@code limits: max requests per connection}. */
  static String of(String path) {
    return switch (path) {
      case "backendTimeout" -> "the timeout of one attempt";
      case "requestTimeout" -> "the timeout";
      default -> spaced(path.startsWith("actions.") ? path.substring(8) : path);
    };
  }

  private static String spaced(String path) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '.') {
        words.append(": ");
      } else if (Character.isUpperCase(c) && i > 0 && Character.isLowerCase(path.charAt(i - 1))) {
        words.append(' ').append(String.valueOf(c).toLowerCase(Locale.ROOT));
      } else {
        words.append(c);
      }
    }
    return words.toString();
  }
}
