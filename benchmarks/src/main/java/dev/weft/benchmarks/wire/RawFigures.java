package dev.weft.benchmarks.wire;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Every figure of every round, as JSON, for those who want to judge the medians themselves. */
final class RawFigures {
  private RawFigures() {}

  /**
   * An object by stack, variant and metric; a round without figure is null.
   *
   * @param facts about the machine and the run
   */
  static String json(Map<String, String> facts, List<Results> all) {
    StringJoiner stacks = new StringJoiner(",\n", "{\n", "\n}");
    StringJoiner run = new StringJoiner(", ", "{", "}");
    facts.forEach((key, value) -> run.add(quoted(key) + ": " + quoted(value)));
    stacks.add("\"run\": " + run);
    for (Results results : all) {
      StringJoiner variants = new StringJoiner(",\n  ", "{\n  ", "\n}");
      for (Variant variant : Variant.values()) {
        String text = variant(results, variant);
        if (!text.isEmpty()) {
          variants.add(quoted(variant.option()) + ": " + text);
        }
      }
      stacks.add(quoted(results.stack().option()) + ": " + variants);
    }
    return stacks + "\n";
  }

  private static String variant(Results results, Variant variant) {
    StringJoiner fields = new StringJoiner(", ", "{", "}").setEmptyValue("");
    String note = results.notes().get(variant);
    if (note != null) {
      fields.add("\"note\": " + quoted(note));
    }
    Probe probe = results.probes().get(variant);
    if (probe != null) {
      fields.add("\"wire\": " + quoted(probe.toString()));
    }
    for (Metric metric : Metric.values()) {
      List<Double> rounds = results.rounds(variant, metric);
      if (!rounds.isEmpty()) {
        StringJoiner figures = new StringJoiner(", ", "[", "]");
        rounds.forEach(figure -> figures.add(number(figure)));
        fields.add(quoted(metric.name().toLowerCase(Locale.ROOT)) + ": " + figures);
      }
    }
    return fields.toString();
  }

  private static String number(double figure) {
    return Double.isFinite(figure) ? String.format(Locale.ROOT, "%.4f", figure) : "null";
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
