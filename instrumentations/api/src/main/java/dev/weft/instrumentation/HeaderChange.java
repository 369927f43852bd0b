package dev.weft.instrumentation;

/**
 * One edit of a message's headers. Immutable.
 *
 * @param name compared without regard to case, written as it stands
 * @param value empty for {@link Kind#REMOVE}
 */
public record HeaderChange(Kind kind, String name, String value) {
  /** What is done to the header. */
  public enum Kind {
    /** Replaces all values by this one. */
    SET,
    /** Adds a value behind those that are there. */
    ADD,
    /** Removes all values. */
    REMOVE
  }
}
