package dev.weft.server.cli;

import dev.weft.policy.compile.Lint;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import dev.weft.server.policy.FolderReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weft lint}: validates documents without a server. */
@Command(
    name = "lint",
    mixinStandardHelpOptions = true,
    description = {
      "Validates policy documents: file:line:column CODE message.",
      "docs/codes.md says what each code means and how it is cured. An annotation",
      "weft.dev/lint-ignore: WEFT090 silences warnings of a document."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:no error; with --strict, no warning either",
      "1:an error, or with --strict a warning",
      "2:the command itself cannot be understood, or what it shall read cannot be read"
    })
final class LintCommand implements Callable<Integer> {
  /** Larger input is no policy. */
  private static final int MOST_BYTES = 64 << 20;

  @Parameters(
      arity = "0..*",
      paramLabel = "DIR|FILE|-",
      description = {
        "What to validate; - is standard input. Without it, the documents that a running server",
        "has in force, together with the workloads that run."
      })
  private List<String> paths = List.of();

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private LintFormat format = LintFormat.text;

  @Option(names = "--strict", description = "Warnings fail, too.")
  private boolean strict;

  @Option(
      names = "--trust-domain",
      defaultValue = "cluster.local",
      description = "Of the mesh (default: ${DEFAULT-VALUE}).")
  private String trustDomain = "cluster.local";

  private final InputStream input;

  @Mixin private ServerConnection server = new ServerConnection();
  @Spec private @Nullable CommandSpec spec;

  LintCommand() {
    this(System.in);
  }

  LintCommand(InputStream input) {
    this.input = input;
  }

  @Override
  public Integer call() throws InterruptedException {
    Lint.Report report;
    String where;
    try {
      if (paths.isEmpty()) {
        report = live();
        where = "in force";
      } else {
        List<SourceFile> files = new ArrayList<>();
        for (String path : paths) {
          read(path, files);
        }
        report = Lint.report(files, trustDomain);
        where = "in " + count(files.size(), "file");
      }
    } catch (IOException e) {
      if (spec != null) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("weft: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
        err.flush();
      }
      return 2;
    }
    if (spec != null) {
      PrintWriter out = spec.commandLine().getOut();
      format.print(report, out);
      out.flush();
      PrintWriter err = spec.commandLine().getErr();
      err.println(summary(report, where));
      err.flush();
    }
    boolean failed =
        report.count(Severity.ERROR) > 0 || (strict && report.count(Severity.WARNING) > 0);
    return failed ? 1 : 0;
  }

  private Lint.Report live() throws IOException, InterruptedException {
    Tree answer = Tree.of(server.get("/v1/lint"));
    return new Lint.Report(
        diagnostics(answer, "diagnostics"),
        diagnostics(answer, "suppressed"),
        (int) answer.number("documents"));
  }

  private static List<Diagnostic> diagnostics(Tree answer, String key) {
    List<Diagnostic> diagnostics = new ArrayList<>();
    for (Tree one : answer.children(key)) {
      diagnostics.add(
          new Diagnostic(
              one.text("file"),
              (int) one.number("line"),
              (int) one.number("column"),
              Severity.valueOf(one.text("severity")),
              one.text("code"),
              one.text("message")));
    }
    return diagnostics;
  }

  private void read(String path, List<SourceFile> files) throws IOException {
    if (path.equals("-")) {
      byte[] bytes = input.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException("standard input is larger than " + MOST_BYTES + " bytes");
      }
      files.add(new SourceFile("-", bytes));
      return;
    }
    Path named = Path.of(path);
    if (!Files.exists(named)) {
      throw new NoSuchFileException(path, null, "there is no such file or folder");
    }
    files.addAll(FolderReader.readAll(List.of(named)));
  }

  private static String summary(Lint.Report report, String where) {
    return count(report.documents(), "document")
        + " "
        + where
        + ": "
        + count(report.count(Severity.ERROR), "error")
        + ", "
        + count(report.count(Severity.WARNING), "warning")
        + ", "
        + count(report.count(Severity.INFO), "remark")
        + (report.suppressed().isEmpty() ? "" : "; " + report.suppressed().size() + " suppressed");
  }

  private static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
