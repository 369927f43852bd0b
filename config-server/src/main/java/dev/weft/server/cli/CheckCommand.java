package dev.weft.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code weft check}: the health of everything that can be checked, one line each. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = "Checks the mesh, one line for each check; exits 1 when one fails.")
final class CheckCommand implements Callable<Integer> {
  private static final Duration MAX_SKEW = Duration.ofSeconds(30);
  private static final Duration ROOT_SOON = Duration.ofDays(90);

  @Mixin private ServerConnection server = new ServerConnection();
  @Spec private @Nullable CommandSpec spec;

  private record Line(String what, boolean ok, String detail) {}

  @Override
  public Integer call() throws InterruptedException {
    List<Line> lines = new ArrayList<>();
    try {
      Instant before = Instant.now();
      Tree status = Tree.of(server.get("/v1/status"));
      lines.add(new Line("server answers", true, server.address().toString()));
      clock(Tree.of(status.raw("server")), before, Instant.now(), lines);
      root(status.child("server"), lines);
      policy(status.child("policy"), lines);
      agents(status.children("agents"), lines);
    } catch (IOException e) {
      lines.add(new Line("server answers", false, String.valueOf(e.getMessage())));
    }
    if (spec != null) {
      PrintWriter out = spec.commandLine().getOut();
      lines.forEach(
          line ->
              out.println((line.ok() ? "ok    " : "FAIL  ") + line.what() + ": " + line.detail()));
      out.flush();
    }
    return lines.stream().allMatch(Line::ok) ? 0 : 1;
  }

  private static void clock(Tree server, Instant before, Instant after, List<Line> lines) {
    Instant there = Instant.parse(server.text("now"));
    Duration skew =
        there.isBefore(before)
            ? Duration.between(there, before)
            : there.isAfter(after) ? Duration.between(after, there) : Duration.ZERO;
    lines.add(
        new Line(
            "clocks agree",
            skew.compareTo(MAX_SKEW) <= 0,
            "server and this machine differ by " + skew.toSeconds() + " s"));
  }

  private static void root(Tree server, List<Line> lines) {
    Duration left =
        Duration.between(
            Instant.parse(server.text("now")), Instant.parse(server.text("rootNotAfter")));
    lines.add(
        new Line(
            "root certificate",
            left.compareTo(ROOT_SOON) > 0,
            Durations.text(left.toSeconds()) + " left"));
  }

  private static void policy(Tree policy, List<Line> lines) {
    List<String> problems = policy.texts("problems");
    lines.add(
        new Line(
            "policy folder",
            problems.isEmpty(),
            problems.isEmpty() ? "readable" : String.join("; ", problems)));
    List<Tree> diagnostics = policy.children("diagnostics");
    lines.add(
        new Line(
            "policy documents",
            policy.number("rejected") == 0 && policy.text("compilerFailure").isEmpty(),
            policy.text("documents")
                + " read, "
                + policy.text("rejected")
                + " rejected, "
                + policy.text("stale")
                + " stale"));
    for (Tree diagnostic : diagnostics) {
      lines.add(
          new Line(
              "policy "
                  + diagnostic.text("file")
                  + ":"
                  + diagnostic.text("line")
                  + ":"
                  + diagnostic.text("column"),
              false,
              diagnostic.text("code") + " " + diagnostic.text("message")));
    }
  }

  private static void agents(List<Tree> agents, List<Line> lines) {
    for (Tree agent : agents) {
      String id = "agent " + agent.text("id");
      boolean good = agent.truth("inSync") && agent.truth("connected");
      String state =
          agent.truth("refuses")
              ? "refuses " + agent.text("version") + ": " + agent.child("nacked").text("reason")
              : !agent.truth("connected")
                  ? "lost its stream"
                  : agent.truth("inSync")
                      ? "runs " + agent.text("acked")
                      : "has not acknowledged " + agent.text("version");
      lines.add(new Line(id, good, state));
      long left = agent.number("certificateSecondsLeft");
      lines.add(new Line(id + " certificate", left > 0, Durations.text(left) + " left"));
    }
    if (agents.isEmpty()) {
      lines.add(new Line("agents", true, "none registered"));
    }
  }
}
