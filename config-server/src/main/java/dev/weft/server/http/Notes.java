package dev.weft.server.http;

/** Keys and values for the line that the log has about a change. Confined to the worker. */
public final class Notes {
  private final StringBuilder text = new StringBuilder();

  Notes() {}

  /** Adds one; blanks and the like become dashes, so that a value cannot pose as a further key. */
  public void add(String key, String value) {
    text.append(' ').append(key).append('=').append(value.replaceAll("[^\\w./:@+-]", "-"));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
