package dev.weft.server.cli;

import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.tree.Trees;
import dev.weft.server.diff.Change;
import dev.weft.server.diff.MeshDiff;
import dev.weft.server.diff.MeshModel;
import dev.weft.server.policy.FolderReader;
import dev.weft.server.protocol.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weft diff}: what a change of documents changes, in words. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Says per service what becomes different: where requests go, who may call whom, modes of",
      "mutual TLS, timeouts, limits. Compares meanings: moved or reformatted documents are no",
      "change. Services are judged as if each had one workload."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done; with --exit-code, nothing becomes different",
      "1:with --exit-code, something does; or something cannot be read",
      "2:the command cannot be understood"
    })
final class DiffCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "OLD", description = "Folder or file as it was.")
  private Path before = Path.of("");

  @Parameters(index = "1", paramLabel = "NEW", description = "Folder or file as it will be.")
  private Path after = Path.of("");

  @Option(names = "--exit-code", description = "Exit with 1 if there are changes.")
  private boolean exitCode;

  @Option(
      names = "--trust-domain",
      defaultValue = "cluster.local",
      description = "Of the mesh (default: ${DEFAULT-VALUE}).")
  private String trustDomain = "cluster.local";

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format = Format.text;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<Change> changes = MeshDiff.between(model(before), model(after));
    if (spec != null) {
      PrintWriter out = spec.commandLine().getOut();
      if (format == Format.json) {
        out.println(Json.pretty(json(changes)));
      } else {
        out.print(text(changes));
      }
      out.flush();
    }
    return exitCode && !changes.isEmpty() ? 1 : 0;
  }

  private MeshModel model(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    PolicyStore policy = PolicyStore.empty().update(FolderReader.readAll(List.of(path)));
    long refused = policy.documents().stream().filter(document -> !document.accepted()).count();
    if (refused > 0 && spec != null) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "weft: " + refused + " of the documents in " + path + " are refused, see weft lint");
      err.flush();
    }
    return MeshModel.of(policy, trustDomain);
  }

  static String text(List<Change> changes) {
    StringBuilder text = new StringBuilder();
    String subject = "";
    for (Change change : changes) {
      if (!change.subject().equals(subject)) {
        subject = change.subject();
        text.append(subject).append('\n');
      }
      text.append("  ").append(change.risk() ? "RISK  " : "").append(change.text()).append('\n');
    }
    return text.toString();
  }

  private static Map<String, Object> json(List<Change> changes) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("risks", changes.stream().filter(Change::risk).count());
    answer.put("changes", changes.stream().map(Trees::toTree).toList());
    return answer;
  }
}
