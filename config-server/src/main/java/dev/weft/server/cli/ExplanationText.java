package dev.weft.server.cli;

import java.util.ArrayList;
import java.util.List;

/** An explanation as people read it: a tree. Stateless. */
final class ExplanationText {
  private ExplanationText() {}

  /** A line and what is below it. */
  private static final class Branch {
    private final String text;
    private final List<Branch> below = new ArrayList<>();

    Branch(String text) {
      this.text = text;
    }

    Branch add(String line) {
      Branch branch = new Branch(line);
      below.add(branch);
      return branch;
    }

    void print(String indent, StringBuilder out) {
      for (int i = 0; i < below.size(); i++) {
        boolean last = i == below.size() - 1;
        Branch child = below.get(i);
        out.append(indent).append(last ? "└─ " : "├─ ").append(child.text).append('\n');
        child.print(indent + (last ? "   " : "│  "), out);
      }
    }
  }

  static String of(Tree answer) {
    Branch root = new Branch("");
    service(answer, root);
    route(answer, root);
    for (Tree outcome : answer.children("outcomes")) {
      outcome(outcome, root);
    }
    if (!answer.text("connectionsBy").isEmpty()) {
      root.add(
          "not asked: "
              + answer.text("connectionsBy")
              + ", which routes connections whose requests nobody sees (--about connection)");
    }
    StringBuilder out = new StringBuilder();
    out.append(answer.text("from")).append('\n');
    out.append(answer.text("request")).append("  to  ").append(answer.text("to")).append('\n');
    if (!answer.text("assumed").isEmpty()) {
      out.append("assumed: ").append(answer.text("assumed")).append('\n');
    }
    if (answer.number("refused") > 0) {
      out.append(answer.number("refused"))
          .append(" documents are refused, see weft lint; the answer is without them\n");
    }
    root.print("", out);
    return out.toString();
  }

  private static void service(Tree answer, Branch root) {
    Tree service = answer.child("service");
    if (!service.text("name").isEmpty()) {
      Branch branch = root.add("service " + service.text("name") + place(service.text("at")));
      branch.add("called " + String.join(", ", service.texts("hosts")));
      branch.add("ports " + String.join(", ", service.texts("ports")));
    }
    if (!answer.text("why").isEmpty()) {
      root.add(answer.text("why"));
    }
  }

  private static void route(Tree answer, Branch root) {
    Tree route = answer.child("route");
    if (route.text("name").isEmpty()) {
      return;
    }
    Branch branch = root.add("route " + route.text("name"));
    route.texts("documents").forEach(branch::add);
    if (answer.number("triedBefore") > 0) {
      branch.add(answer.number("triedBefore") + " rules before do not fit");
    }
    for (Tree tried : answer.children("tried")) {
      String rule = "rule " + tried.text("rule") + " (" + tried.text("match") + ")";
      branch.add(
          tried.truth("fits")
              ? "fits: " + rule + place(tried.text("at"))
              : "no:   " + rule + ": " + tried.text("because"));
    }
  }

  private static void outcome(Tree outcome, Branch root) {
    Branch branch =
        root.add(
            outcome.text("share")
                + "  "
                + outcome.text("decision")
                + "  by "
                + outcome.text("rule"));
    line(branch, "backend", outcome.text("backend"));
    line(branch, "reason", outcome.text("reason"));
    line(branch, "request timeout", outcome.text("requestTimeout"));
    line(branch, "attempt timeout", outcome.text("backendTimeout"));
    outcome.texts("requestHeaders").forEach(edit -> branch.add("header: " + edit));
    outcome.texts("actions").forEach(action -> branch.add("action: " + action));
    for (Tree policy : outcome.children("policies")) {
      Branch said = branch.add(policy.text("rule") + place(policy.text("at")));
      policy.texts("says").forEach(said::add);
    }
    line(branch, "retry budget", outcome.text("retryBudget"));
    for (Tree endpoint : outcome.children("endpoints")) {
      endpoint(endpoint, branch);
    }
    if (outcome.number("moreEndpoints") > 0) {
      branch.add("and " + outcome.number("moreEndpoints") + " endpoints more");
    }
  }

  private static void endpoint(Tree endpoint, Branch outcome) {
    Branch branch =
        outcome.add("endpoint " + endpoint.text("workload") + "  " + endpoint.text("address"));
    line(branch, "client", endpoint.text("clientTls"));
    if (!endpoint.text("mtls").isEmpty()) {
      branch.add("server: " + endpoint.text("mtls") + place(endpoint.text("mtlsAt")));
    }
    line(branch, "caller", endpoint.text("revoked"));
    if (endpoint.text("access").isEmpty()) {
      return;
    }
    String said = endpoint.text("access");
    String reason = endpoint.text("accessReason");
    Branch access =
        branch.add("access: " + said + (reason.equals(said) ? "" : " (" + reason + ")"));
    for (Tree policy : endpoint.children("accessPolicies")) {
      access.add(
          (policy.truth("fits") ? "fits: " : "no:   ")
              + policy.text("action")
              + (policy.truth("dryRun") ? " (dry run) " : " ")
              + policy.text("policy")
              + place(policy.text("at"))
              + ": "
              + policy.text("because"));
    }
  }

  private static void line(Branch branch, String name, String value) {
    if (!value.isEmpty()) {
      branch.add(name + ": " + value);
    }
  }

  private static String place(String at) {
    return at.isEmpty() ? "" : "  [" + at + "]";
  }
}
