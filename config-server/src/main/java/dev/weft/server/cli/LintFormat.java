package dev.weft.server.cli;

import dev.weft.policy.compile.Lint;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Severity;
import dev.weft.policy.tree.Trees;
import dev.weft.server.protocol.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** How {@code weft lint} prints. */
enum LintFormat {
  /** For people. */
  text {
    @Override
    void print(Lint.Report report, PrintWriter out) {
      for (Diagnostic one : report.diagnostics()) {
        out.println(one.severity() == Severity.ERROR ? one : one + " (" + level(one) + ")");
      }
    }
  },

  /** For programs. */
  json {
    @Override
    void print(Lint.Report report, PrintWriter out) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("documents", report.documents());
      for (Severity severity : Severity.values()) {
        answer.put(severity.name().toLowerCase(Locale.ROOT) + "s", report.count(severity));
      }
      answer.put("diagnostics", report.diagnostics().stream().map(Trees::toTree).toList());
      answer.put("suppressed", report.suppressed().stream().map(Trees::toTree).toList());
      out.println(Json.pretty(answer));
    }
  },

  /** Commands of GitHub Actions, which show them at the line of a change. */
  github {
    @Override
    void print(Lint.Report report, PrintWriter out) {
      for (Diagnostic one : report.diagnostics()) {
        String level = one.severity() == Severity.INFO ? "notice" : level(one);
        out.println(
            "::"
                + level
                + " file="
                + property(one.file())
                + ",line="
                + one.line()
                + ",col="
                + one.column()
                + ",title="
                + one.code()
                + "::"
                + data(one.message()));
      }
    }
  },

  /** SARIF 2.1.0, which code scanners read. */
  sarif {
    @Override
    void print(Lint.Report report, PrintWriter out) {
      List<Object> results = new ArrayList<>();
      TreeSet<String> codes = new TreeSet<>();
      for (Diagnostic one : report.diagnostics()) {
        results.add(result(one));
        codes.add(one.code());
      }
      List<Object> rules = new ArrayList<>();
      for (Code code : Code.values()) {
        if (codes.contains(code.id())) {
          rules.add(
              Map.of("id", code.id(), "shortDescription", Map.of("text", code.explanation())));
        }
      }
      Map<String, Object> tool = Map.of("driver", Map.of("name", "weft lint", "rules", rules));
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
      answer.put("version", "2.1.0");
      answer.put("runs", List.of(Map.of("tool", tool, "results", results)));
      out.println(Json.pretty(answer));
    }

    private Map<String, Object> result(Diagnostic one) {
      Map<String, Object> place =
          Map.of(
              "artifactLocation",
              Map.of("uri", one.file()),
              "region",
              Map.of("startLine", one.line(), "startColumn", one.column()));
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("ruleId", one.code());
      result.put("level", one.severity() == Severity.INFO ? "note" : level(one));
      result.put("message", Map.of("text", one.message()));
      result.put("locations", List.of(Map.of("physicalLocation", place)));
      return result;
    }
  };

  abstract void print(Lint.Report report, PrintWriter out);

  private static String level(Diagnostic one) {
    return one.severity().name().toLowerCase(Locale.ROOT);
  }

  private static String data(String text) {
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
  }

  private static String property(String text) {
    return data(text).replace(":", "%3A").replace(",", "%2C");
  }
}
