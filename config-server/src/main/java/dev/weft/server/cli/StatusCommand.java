package dev.weft.server.cli;

import dev.weft.server.protocol.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weft status}: who is there, and whether everybody runs what they should. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows agents, policy versions, refusals and certificates.")
final class StatusCommand implements Callable<Integer> {
  @Option(
      names = "--wait",
      description =
          "Waits until the documents that are on disk now are in force at every agent that is"
              + " connected; exits 1 when they are not in time, and as soon as it is certain that"
              + " they will not be.")
  private boolean await;

  @Option(
      names = "--agents",
      defaultValue = "1",
      description = "With --wait: at least so many connected agents (default: 1).")
  private int agents = 1;

  @Option(
      names = "--timeout",
      defaultValue = "60s",
      description = "With --wait: how long at most (default: 60s).")
  private Duration timeout = Duration.ofSeconds(60);

  @Option(
      names = "--documents",
      description = "Shows every document, not only those that are not in force everywhere.")
  private boolean allDocuments;

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format = Format.text;

  @Mixin private ServerConnection server = new ServerConnection();
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settling settling = new Settling(server, agents, timeout);
    Map<String, Object> status = await ? settling.await() : server.get("/v1/status");
    if (spec != null) {
      PrintWriter out = spec.commandLine().getOut();
      if (format == Format.json) {
        out.println(Json.pretty(status));
      } else {
        print(Tree.of(status), out);
        Documents.print(Tree.of(server.get("/v1/policies")), allDocuments, out);
        if (await) {
          out.println();
          out.println(settling.verdict());
        }
      }
      out.flush();
    }
    return await && !settling.settled() ? 1 : 0;
  }

  private static void print(Tree status, PrintWriter out) {
    Tree server = status.child("server");
    out.println(
        "server  "
            + server.text("version")
            + "  trust domain "
            + server.text("trustDomain")
            + "  certificate "
            + left(server, "certificateNotAfter")
            + "  root "
            + left(server, "rootNotAfter"));
    Tree jump = server.child("clockJumped");
    if (!jump.text("to").isEmpty()) {
      out.println(
          "  this server's clock jumped by "
              + jump.number("bySeconds")
              + " s, to "
              + jump.text("to")
              + "; compare it with that of the agents");
    }
    Tree policy = status.child("policy");
    out.println(
        "policy  "
            + policy.text("documents")
            + " documents, "
            + policy.text("rejected")
            + " rejected, "
            + policy.text("stale")
            + " stale, generation "
            + policy.text("generation"));
    past(policy, status.children("agents"), out);
    policy.texts("problems").forEach(problem -> out.println("  " + problem));
    if (!policy.text("compilerFailure").isEmpty()) {
      out.println("  the compiler failed: " + policy.text("compilerFailure"));
    }
    for (Tree diagnostic : policy.children("diagnostics")) {
      out.println(
          "  "
              + diagnostic.text("file")
              + ":"
              + diagnostic.text("line")
              + ":"
              + diagnostic.text("column")
              + " "
              + diagnostic.text("code")
              + " "
              + diagnostic.text("message")
              + (diagnostic.text("severity").equals("WARNING") ? " (warning)" : ""));
    }
    policy
        .texts("staleDocuments")
        .forEach(stale -> out.println("  " + stale + ": its last good version stays in force"));
    out.println();
    agents(status.children("agents"), out);
  }

  /** What came back from before, or from elsewhere. */
  private static void past(Tree policy, List<Tree> agents, PrintWriter out) {
    Tree setBack = policy.child("setBack");
    if (!setBack.text("seen").isEmpty()) {
      out.println(
          "  the state folder was set back: agents had heard of generation "
              + setBack.text("seen")
              + ", it knew of "
              + setBack.text("known"));
    }
    Tree sameAs = policy.child("sameAs");
    if (!sameAs.text("generation").isEmpty()) {
      out.println(
          "  the documents are those of generation "
              + sameAs.text("generation")
              + " again, of "
              + sameAs.text("since"));
    }
    long strangers =
        agents.stream()
            .map(agent -> agent.child("cameWith").text("epoch"))
            .filter(epoch -> !epoch.isEmpty() && !epoch.equals(policy.text("epoch")))
            .count();
    if (strangers > 0) {
      out.println("  " + strangers + " agents came with the policy of another server");
    }
  }

  private static void agents(List<Tree> agents, PrintWriter out) {
    if (agents.isEmpty()) {
      out.println("no agents");
      return;
    }
    TextTable table =
        new TextTable(
            "WORKLOAD",
            "IDENTITY",
            "ADDRESS",
            "VERSION",
            "STATE",
            "CERTIFICATE",
            "PLAINTEXT",
            "HOOKS OFF");
    for (Tree agent : agents) {
      table.row(
          agent.text("id"),
          agent.text("namespace") + "/" + agent.text("serviceAccount"),
          agent.text("address") + " " + String.join(",", agent.texts("listening")),
          agent.text("acked").isEmpty() ? "none" : agent.text("acked"),
          state(agent),
          Durations.text(agent.number("certificateSecondsLeft")),
          Plaintext.share(agent.child("status").raw("connections")),
          hooksOff(agent.child("status").raw("hooksOff")));
    }
    table.print(out);
    agents.forEach(
        agent ->
            agent
                .child("status")
                .texts("bypasses")
                .forEach(
                    bypass -> out.println(agent.text("id") + " bypasses the mesh: " + bypass)));
    agents.forEach(
        agent -> {
          if (agent.child("status").raw("hooksOff") instanceof Map<?, ?> hooks) {
            hooks.forEach(
                (hook, reason) ->
                    out.println(agent.text("id") + " has hook " + hook + " off: " + reason));
          }
        });
    agents.stream()
        .filter(agent -> agent.truth("refuses"))
        .forEach(
            agent ->
                out.println(
                    agent.text("id")
                        + " refuses version "
                        + agent.child("nacked").text("version")
                        + ": "
                        + agent.child("nacked").text("reason")));
  }

  private static String state(Tree agent) {
    if (agent.truth("refuses")) {
      return "REFUSES " + agent.text("version");
    }
    if (!agent.truth("connected")) {
      return "disconnected";
    }
    String sync = agent.truth("inSync") ? "in sync" : "updating to " + agent.text("version");
    Tree traits = agent.child("traits");
    List<String> suspects = traits.texts("suspects");
    return sync
        + (traits.text("unready").isEmpty()
            ? ""
            : ", " + traits.text("unready").toLowerCase(Locale.ROOT))
        + (suspects.isEmpty() ? "" : ", not reached on " + String.join(" ", suspects));
  }

  private static String hooksOff(@Nullable Object hooks) {
    if (hooks instanceof Map<?, ?> map) {
      return map.isEmpty()
          ? "-"
          : String.join(",", map.keySet().stream().map(String::valueOf).toList());
    }
    if (hooks instanceof List<?> list) {
      return list.isEmpty() ? "-" : String.join(",", list.stream().map(String::valueOf).toList());
    }
    return "-";
  }

  private static String left(Tree server, String key) {
    try {
      Duration left =
          Duration.between(Instant.parse(server.text("now")), Instant.parse(server.text(key)));
      return Durations.text(left.toSeconds()) + " left";
    } catch (DateTimeParseException e) {
      return "unknown";
    }
  }

  /** How much of an agent's traffic is not encrypted. */
  static final class Plaintext {
    private Plaintext() {}

    /** Agents report connections as counters by kind, or as rows with a count each. */
    static String share(@Nullable Object connections) {
      long mtls = 0;
      long plain = 0;
      if (connections instanceof Map<?, ?> counters) {
        mtls = Tree.of(counters).number("mtls");
        plain = Tree.of(counters).number("plaintext");
      } else if (connections instanceof List<?> rows) {
        for (Object row : rows) {
          Tree tree = Tree.of(row);
          if (tree.truth("mtls")) {
            mtls += tree.number("count");
          } else {
            plain += tree.number("count");
          }
        }
      }
      return mtls + plain == 0
          ? "-"
          : String.format(Locale.ROOT, "%.0f%%", 100.0 * plain / (mtls + plain));
    }
  }
}
