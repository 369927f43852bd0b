package dev.weft.server.diff;

import java.util.Comparator;

/**
 * One thing that becomes different. Immutable; ordered by subject, risks first.
 *
 * @param subject a service as {@code namespace/name}, or {@code mesh}
 * @param risk whether something becomes possible that was refused, or fails that worked
 */
public record Change(String subject, String text, boolean risk) implements Comparable<Change> {
  private static final Comparator<Change> ORDER =
      Comparator.comparing(Change::subject)
          .thenComparing(Change::risk, Comparator.reverseOrder())
          .thenComparing(Change::text);

  @Override
  public int compareTo(Change other) {
    return ORDER.compare(this, other);
  }
}
