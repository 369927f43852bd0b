package dev.weft.server.cli;

import dev.weft.server.protocol.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weft certs}: the authority and what it signed. */
@Command(
    name = "certs",
    mixinStandardHelpOptions = true,
    description = "Shows roots, the server's certificate and those of workloads.")
final class CertsCommand implements Callable<Integer> {
  @Option(
      names = "--format",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format = Format.text;

  @Mixin private ServerConnection server = new ServerConnection();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, Object> answer = server.get("/v1/certificates");
    if (spec != null) {
      PrintWriter out = spec.commandLine().getOut();
      if (format == Format.json) {
        out.println(Json.pretty(answer));
      } else {
        print(Tree.of(answer), out);
      }
      out.flush();
    }
    return 0;
  }

  private static void print(Tree answer, PrintWriter out) {
    TextTable table = new TextTable("KIND", "NAME", "LEFT", "DETAIL");
    for (Tree root : answer.children("roots")) {
      table.row("root", root.text("subject"), left(root), "pin " + root.text("pin"));
    }
    Tree own = answer.child("server");
    table.row("server", own.text("spiffeId"), left(own), "");
    for (Tree leaf : answer.children("workloads")) {
      table.row(
          "workload",
          leaf.text("spiffeId"),
          left(leaf),
          leaf.text("workload") + " serial " + leaf.text("serial"));
    }
    table.print(out);
    out.println(answer.text("issued") + " issued, " + answer.text("refused") + " refused");
  }

  private static String left(Tree certificate) {
    return Durations.text(
        Duration.between(Instant.now(), Instant.parse(certificate.text("notAfter"))).toSeconds());
  }
}
