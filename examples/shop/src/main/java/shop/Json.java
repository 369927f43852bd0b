package shop;

/** Just enough JSON to answer with. */
final class Json {
  private Json() {}

  /** A JSON string; null becomes the empty string. */
  static String quote(String text) {
    if (text == null) {
      return "\"\"";
    }
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
