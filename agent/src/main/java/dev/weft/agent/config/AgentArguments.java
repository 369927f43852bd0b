package dev.weft.agent.config;

import java.util.LinkedHashMap;
import java.util.Map;

/** The text after {@code =} in {@code -javaagent:weft-agent.jar=...}. */
final class AgentArguments {
  private AgentArguments() {}

  /**
   * {@code key=value,key="a,b"}; both kinds of quotes, and keys with or without {@code weft.}.
   *
   * @throws IllegalArgumentException naming the part that is no {@code key=value}
   */
  static Map<String, String> parse(String arguments) {
    Map<String, String> values = new LinkedHashMap<>();
    int at = 0;
    while (at < arguments.length()) {
      int end = endOfPart(arguments, at);
      String part = arguments.substring(at, end).strip();
      at = end + 1;
      if (part.isEmpty()) {
        continue;
      }
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "agent argument \"" + part + "\": expected key=value, for example service=orders");
      }
      String key = part.substring(0, equals).strip();
      String name = key.startsWith("weft.") ? key.substring("weft.".length()) : key;
      if (values.put(name, unquoted(part.substring(equals + 1).strip())) != null) {
        throw new IllegalArgumentException("agent argument " + name + " is given twice");
      }
    }
    return values;
  }

  private static int endOfPart(String text, int from) {
    char quote = 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == ',') {
        return i;
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException(
          "agent arguments: the quote " + quote + " is never closed in " + text.substring(from));
    }
    return text.length();
  }

  private static String unquoted(String value) {
    if (value.length() >= 2) {
      char first = value.charAt(0);
      if ((first == '"' || first == '\'') && value.charAt(value.length() - 1) == first) {
        return value.substring(1, value.length() - 1);
      }
    }
    return value;
  }
}
