package dev.weft.server.cli;

import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import dev.weft.server.diff.Change;
import dev.weft.server.diff.MeshDiff;
import dev.weft.server.diff.MeshModel;
import dev.weft.server.policy.FolderReader;
import dev.weft.server.protocol.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      "change. Services are judged as if each had one workload.",
      "With NEW alone, the documents that a running server has in force are what was."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done; with --exit-code, nothing becomes different",
      "1:with --exit-code, something does; or something cannot be read",
      "2:the command cannot be understood"
    })
final class DiffCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..2",
      paramLabel = "[OLD] NEW",
      description = {
        "Folder or file as it was, and as it will be. Without OLD a running server is asked",
        "what would change if its policy folder held NEW and nothing else."
      })
  private List<Path> paths = List.of();

  @Option(names = "--exit-code", description = "Exit with 1 if there are changes.")
  private boolean exitCode;

  @Option(
      names = "--trust-domain",
      defaultValue = "cluster.local",
      description = "Of the mesh, with OLD (default: ${DEFAULT-VALUE}).")
  private String trustDomain = "cluster.local";

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format = Format.text;

  @Mixin private ServerConnection server = new ServerConnection();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Change> changes =
        paths.size() == 1
            ? live(paths.get(0))
            : MeshDiff.between(model(paths.get(0)), model(paths.get(1)));
    if (spec != null) {
      PrintWriter out = spec.commandLine().getOut();
      if (format == Format.json) {
        out.println(Json.pretty(MeshDiff.toTree(changes)));
      } else {
        out.print(text(changes));
      }
      out.flush();
    }
    return exitCode && !changes.isEmpty() ? 1 : 0;
  }

  private List<Change> live(Path path) throws IOException, InterruptedException {
    List<Object> files = new ArrayList<>();
    for (SourceFile file : read(path)) {
      files.add(Map.of("name", below(path, file), "text", text(file)));
    }
    Tree answer = Tree.of(server.post("/v1/diff", Map.of("files", files)));
    warn(answer.number("refused"), path, "; of those in force the last good version stays");
    List<Change> changes = new ArrayList<>();
    for (Tree change : answer.children("changes")) {
      changes.add(new Change(change.text("subject"), change.text("text"), change.truth("risk")));
    }
    return changes;
  }

  /** The name that the file would have for the server. */
  private static String below(Path path, SourceFile file) {
    Path named = Path.of(file.name());
    Path name = Files.isDirectory(path) ? path.relativize(named) : named.getFileName();
    return String.valueOf(name).replace('\\', '/');
  }

  private static String text(SourceFile file) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file.bytes())).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file.name() + " is not UTF-8", e);
    }
  }

  private MeshModel model(Path path) throws IOException {
    PolicyStore policy = PolicyStore.empty().update(read(path));
    warn(policy.documents().stream().filter(document -> !document.accepted()).count(), path, "");
    return MeshModel.of(policy, trustDomain);
  }

  private static List<SourceFile> read(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return FolderReader.readAll(List.of(path));
  }

  private void warn(long refused, Path path, String what) {
    if (refused > 0 && spec != null) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "weft: "
              + refused
              + " of the documents in "
              + path
              + " are refused, see weft lint"
              + what);
      err.flush();
    }
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
}
