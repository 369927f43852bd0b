package dev.weft.benchmarks.ground;

import java.util.List;
import java.util.Locale;

/** Figures as text. */
public final class Table {
  private Table() {}

  /** Three significant digits, about. */
  public static String figure(double value) {
    double magnitude = Math.abs(value);
    if (magnitude >= 10_000) {
      return String.format(Locale.ROOT, "%.1fk", value / 1000);
    }
    if (magnitude >= 100) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, magnitude >= 10 ? "%.1f" : "%.2f", value);
  }

  /** The first column to the left, the others as wide as they must be, two blanks between. */
  public static String aligned(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        boolean spans = i + 1 < widths.length && row.get(i + 1).isEmpty();
        widths[i] = Math.max(widths[i], spans ? 0 : row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      int column = 0;
      for (int i = 0; i < widths.length; i++) {
        line.append(" ".repeat(Math.max(0, column - line.length()))).append(row.get(i));
        column += widths[i] + 2;
        if (line.length() >= column && i + 1 < widths.length && !row.get(i + 1).isEmpty()) {
          line.append(' ');
        }
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
