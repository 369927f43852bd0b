package dev.weft.policy.document;

/**
 * A place in a {@link SourceFile}. Immutable.
 *
 * @param line from 1
 * @param column from 1, in characters
 */
public record Place(String file, int line, int column) {
  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
