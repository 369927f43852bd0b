package dev.weft.policy.document;

import java.util.Comparator;

/**
 * Something wrong with a policy file, at its place. Immutable; ordered by place.
 *
 * @param file name of the {@link SourceFile}
 * @param line from 1
 * @param column from 1, in characters
 * @param code stable, for example {@code WEFT005}; see {@link Code}
 * @param message one sentence for people: what was expected and what was found
 */
public record Diagnostic(
    String file, int line, int column, Severity severity, String code, String message)
    implements Comparable<Diagnostic> {

  private static final Comparator<Diagnostic> BY_PLACE =
      Comparator.comparing(Diagnostic::file)
          .thenComparingInt(Diagnostic::line)
          .thenComparingInt(Diagnostic::column)
          .thenComparing(Diagnostic::code)
          .thenComparing(Diagnostic::message)
          .thenComparing(Diagnostic::severity);

  @Override
  public int compareTo(Diagnostic other) {
    return BY_PLACE.compare(this, other);
  }

  /** {@code file:line:column CODE message}. */
  @Override
  public String toString() {
    return file + ":" + line + ":" + column + " " + code + " " + message;
  }
}
