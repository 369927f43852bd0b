package dev.weft.server.cli;

import dev.weft.policy.document.PolicyStore;
import dev.weft.server.explain.Explanation;
import dev.weft.server.explain.Question;
import dev.weft.server.policy.FolderReader;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weft explain}: the decision for one request or connection that nobody makes. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Explains where a request or a connection would go, and by which rules.",
      "With --policy from documents alone, as if each Service had one workload;",
      "otherwise from what the server knows now."
    })
final class ExplainCommand implements Callable<Integer> {
  @Option(names = "--policy", paramLabel = "DIR", description = "Folder of policy documents.")
  private @Nullable Path policy;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "[NS/]SA",
      description = "Service account of the caller.")
  private String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "HOST[:PORT]",
      description = "What the caller dials; port 80 unless given.")
  private String to = "";

  @Option(
      names = "--about",
      defaultValue = "",
      paramLabel = "request|connection",
      description = {
        "A request, or a connection whose requests nobody sees. Default: the latter where only",
        "TCPRoutes and TLSRoutes bind the port, and no method, path or header is given."
      })
  private String about = "";

  @Option(names = "--method", defaultValue = "", description = "Default: GET.")
  private String method = "";

  @Option(names = "--path", defaultValue = "", description = "Path and query; default: /.")
  private String path = "";

  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME: VALUE",
      description = "A request header; may be given often.")
  private List<String> headers = List.of();

  @Option(names = "--trust-domain", defaultValue = "cluster.local", description = "With --policy.")
  private String trustDomain = "cluster.local";

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format = Format.text;

  @Mixin private ServerConnection server = new ServerConnection();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException, Refusal {
    Map<String, Object> answer = policy == null ? live() : offline(policy);
    if (spec != null) {
      PrintWriter out = spec.commandLine().getOut();
      if (format == Format.json) {
        out.println(Json.pretty(answer));
      } else {
        out.print(ExplanationText.of(Tree.of(answer)));
      }
      out.flush();
    }
    return 0;
  }

  private Map<String, Object> offline(Path folder) throws IOException, Refusal {
    return Explanation.ofDocuments(
        Question.of(from, to, about, method, path, headers),
        PolicyStore.empty().update(FolderReader.readAll(List.of(folder))),
        trustDomain);
  }

  private Map<String, Object> live() throws IOException, InterruptedException {
    StringBuilder query = new StringBuilder("/v1/explain?from=").append(encode(from));
    query.append("&to=").append(encode(to));
    query.append("&about=").append(encode(about));
    query.append("&method=").append(encode(method));
    query.append("&path=").append(encode(path));
    headers.forEach(header -> query.append("&header=").append(encode(header)));
    return server.get(query.toString());
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
