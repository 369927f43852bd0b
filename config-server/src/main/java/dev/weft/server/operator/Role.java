package dev.weft.server.operator;

import java.util.Locale;

/** What an operator token is good for. */
public enum Role {
  /** Reads. */
  VIEWER,
  /** Reads, and changes what the API can change. */
  OPERATOR;

  /** As commands and documents write it. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a role.
   *
   * @throws IllegalArgumentException with a sentence for people
   */
  public static Role parse(String text) {
    for (Role role : values()) {
      if (role.title().equals(text)) {
        return role;
      }
    }
    throw new IllegalArgumentException("role: expected viewer or operator, found \"" + text + "\"");
  }
}
