package dev.weft.benchmarks.wire;

import dev.weft.benchmarks.ground.Spread;
import dev.weft.benchmarks.ground.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The table, as text. */
final class Report {
  private final Set<Column> columns;

  Report(Set<Column> columns) {
    this.columns = columns;
  }

  /** All variants that were asked for, and under the table why some have no figures. */
  String table(Results results, Set<Variant> variants) {
    List<List<String>> rows = new ArrayList<>();
    List<String> kinds = new ArrayList<>(List.of(results.stack().title()));
    List<String> titles = new ArrayList<>(List.of(""));
    for (Column column : columns) {
      boolean first = true;
      for (Metric metric : column.metrics()) {
        kinds.add(first ? column.title() : "");
        titles.add(metric.title());
        first = false;
      }
    }
    rows.add(kinds);
    rows.add(titles);
    StringBuilder notes = new StringBuilder();
    for (Variant variant : variants) {
      if (!variant.existsFor(results.stack())) {
        continue;
      }
      List<String> row = new ArrayList<>(List.of(variant.title()));
      for (Column column : columns) {
        for (Metric metric : column.metrics()) {
          row.add(cell(results, variant, metric));
        }
      }
      rows.add(row);
      String note = results.notes().get(variant);
      if (note != null) {
        notes.append(variant.title()).append(": ").append(note).append('\n');
      }
    }
    return Table.aligned(rows) + notes;
  }

  private static String cell(Results results, Variant variant, Metric metric) {
    Spread spread = results.of(variant, metric);
    if (!spread.known()) {
      return "-";
    }
    String median = Table.figure(spread.median());
    if (variant == Variant.PLAIN) {
      return median;
    }
    return switch (metric.beside()) {
      case NOTHING -> median;
      case DIFFERENCE -> {
        double added = results.added(variant, metric).median();
        yield Double.isNaN(added)
            ? median
            : median + (added < 0 ? " -" : " +") + Table.figure(Math.abs(added));
      }
      case RATIO -> {
        double ratio = results.ratio(variant, Variant.PLAIN, metric).median();
        yield Double.isNaN(ratio) ? median : median + String.format(Locale.ROOT, " %.2f", ratio);
      }
    };
  }

  /** What the ports speak, and whether that is what the figures claim. */
  String probes(Results results) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("on the wire", "", ""));
    results
        .probes()
        .forEach(
            (variant, probe) -> {
              boolean asClaimed =
                  variant.encrypted() ? probe.mutualTlsOnly() : probe.plaintextOnly();
              rows.add(
                  List.of(
                      variant.title(),
                      asClaimed ? "as it claims" : "NOT AS IT CLAIMS",
                      probe.toString()));
            });
    return Table.aligned(rows);
  }

  /** The targets and whether they were reached. */
  String targets(String title, List<Target> targets) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of(title, "found", "[rounds]", "par", "ahead", "verdict"));
    for (Target target : targets) {
      Spread found = target.found();
      rows.add(
          List.of(
              target.name(),
              found.known() ? two(found.median()) : "-",
              found.known() ? "[" + two(found.min()) + ".." + two(found.max()) + "]" : "",
              target.limit(target.par()),
              target.limit(target.ahead()),
              target.verdict()));
    }
    return Table.aligned(rows);
  }

  private static String two(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
