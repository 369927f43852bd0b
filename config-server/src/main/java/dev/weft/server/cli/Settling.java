package dev.weft.server.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Waits until what is in the policy folder now is in force everywhere. The server reads the folder
 * again first and says which generation that is, so that nobody takes the state before a change for
 * the one after it. Used once.
 */
final class Settling {
  private static final Duration LOOK = Duration.ofMillis(100);

  private final ServerConnection server;
  private final int agents;
  private final Duration timeout;
  private String verdict = "";
  private boolean settled;

  Settling(ServerConnection server, int agents, Duration timeout) {
    this.server = server;
    this.agents = agents;
    this.timeout = timeout;
  }

  /** Whether it is in force everywhere; after {@link #await}. */
  boolean settled() {
    return settled;
  }

  /** One line for people; after {@link #await}. */
  String verdict() {
    return verdict;
  }

  /**
   * Returns the status once everybody has everything, once that cannot come to be, or when the time
   * is over.
   */
  Map<String, Object> await() throws IOException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    long generation = -1;
    while (true) {
      boolean last = System.nanoTime() - end > 0;
      try {
        if (generation < 0) {
          generation = Tree.of(server.post("/v1/policies/reload")).number("generation");
        }
        Map<String, Object> status = server.get("/v1/status");
        if (judge(Tree.of(status), generation) || last) {
          return status;
        }
      } catch (IOException e) {
        if (last) {
          throw e; // it may be starting
        }
      }
      Thread.sleep(LOOK.toMillis());
    }
  }

  /** Whether there is nothing to wait for any more. */
  private boolean judge(Tree status, long generation) {
    Tree policy = status.child("policy");
    List<Tree> known = status.children("agents");
    List<Tree> all = known.stream().filter(agent -> agent.truth("connected")).toList();
    List<String> waiting = new ArrayList<>();
    String refusing = "";
    for (Tree agent : all) {
      if (agent.truth("refuses")) {
        refusing = agent.text("id") + " refuses it: " + agent.child("nacked").text("reason");
      } else if (!agent.truth("inSync")) {
        waiting.add(agent.text("id"));
      }
    }
    if (!policy.texts("problems").isEmpty()) {
      verdict = "not in force: " + policy.texts("problems").get(0);
      return true;
    }
    if (policy.number("generation") < generation) {
      verdict = "not in force yet: generation " + generation + " is not compiled";
      return !policy.text("compilerFailure").isEmpty();
    }
    if (policy.number("rejected") > 0) {
      verdict = "not in force: " + policy.text("rejected") + " documents are refused";
      return true;
    }
    String what = "generation " + policy.text("generation");
    String away = notConnected(known.size() - all.size());
    if (!refusing.isEmpty()) {
      verdict = what + " is not in force everywhere: " + refusing;
      return true;
    }
    if (all.size() < agents) {
      verdict = what + " is in force, at " + all.size() + " agents; expected " + agents + away;
      return false;
    }
    if (!waiting.isEmpty()) {
      String more = waiting.size() > 3 ? " and " + (waiting.size() - 3) + " more" : "";
      verdict =
          what
              + " is not in force everywhere: no word from "
              + String.join(", ", waiting.subList(0, Math.min(3, waiting.size())))
              + more
              + away;
      return false;
    }
    verdict = what + " is in force at all " + all.size() + " agents" + away;
    settled = true;
    return true;
  }

  /** They are known for a while after they have gone, or after the server has begun anew. */
  private static String notConnected(int workloads) {
    return switch (workloads) {
      case 0 -> "";
      case 1 -> "; 1 workload is not connected, and not waited for";
      default -> "; " + workloads + " workloads are not connected, and not waited for";
    };
  }
}
