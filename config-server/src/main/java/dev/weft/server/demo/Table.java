package dev.weft.server.demo;

import java.util.ArrayList;
import java.util.List;

/** Rows as text, wrapped to a terminal's width. */
final class Table {
  private static final int CLAIM = 34;
  private static final int OBSERVED = 76;

  private Table() {}

  static String of(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    line(text, "CHECK", "OBSERVED", "VERDICT");
    for (Row row : rows) {
      List<String> claim = wrap(row.claim(), CLAIM);
      List<String> observed = wrap(row.observed(), OBSERVED);
      for (int i = 0; i < Math.max(claim.size(), observed.size()); i++) {
        String verdict = row.held() ? "held" : "FAILED";
        line(text, at(claim, i), at(observed, i), i == 0 ? verdict : "");
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String claim, String observed, String verdict) {
    String format = "%-" + CLAIM + "s  %-" + OBSERVED + "s  %s";
    text.append(String.format(format, claim, observed, verdict).stripTrailing()).append('\n');
  }

  private static String at(List<String> lines, int i) {
    return i < lines.size() ? lines.get(i) : "";
  }

  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
