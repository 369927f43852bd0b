package dev.weft.policy;

/**
 * One edit of a message's headers (Gateway API {@code HTTPHeaderFilter}). Immutable.
 *
 * @param name as written in the document; compared without regard to case
 * @param value empty for {@link Kind#REMOVE}
 */
public record HeaderEdit(Kind kind, String name, String value) {

  /** What is done to the header. */
  public enum Kind {
    SET,
    ADD,
    REMOVE
  }
}
