package dev.weft.server.cli;

import dev.weft.policy.compile.Lint;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Severity;
import dev.weft.policy.tree.Trees;
import dev.weft.server.policy.FolderReader;
import dev.weft.server.protocol.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
      "Exits 1 when there is an error; warnings alone are no error."
    })
final class LintCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "DIR|FILE", description = "What to validate.")
  private List<Path> paths = List.of();

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format = Format.text;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    for (Path path : paths) {
      if (!Files.exists(path)) {
        throw new IOException("there is no " + path);
      }
    }
    List<Diagnostic> diagnostics = Lint.lint(FolderReader.readAll(paths));
    long errors = diagnostics.stream().filter(one -> one.severity() == Severity.ERROR).count();
    if (spec != null) {
      PrintWriter out = spec.commandLine().getOut();
      if (format == Format.json) {
        out.println(
            Json.pretty(Map.of("diagnostics", diagnostics.stream().map(Trees::toTree).toList())));
      } else {
        diagnostics.forEach(one -> out.println(line(one)));
      }
      out.flush();
    }
    return errors == 0 ? 0 : 1;
  }

  private static String line(Diagnostic diagnostic) {
    return diagnostic.severity() == Severity.WARNING
        ? diagnostic + " (warning)"
        : diagnostic.toString();
  }
}
