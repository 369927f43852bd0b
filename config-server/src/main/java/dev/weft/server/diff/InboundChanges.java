package dev.weft.server.diff;

import dev.weft.policy.ConnectionLimit;
import dev.weft.policy.Inbound;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Snapshot;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.tree.Leaves;
import dev.weft.policy.tree.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What becomes different about what a workload accepts. Stateless. */
final class InboundChanges {
  /** Parts of what a workload accepts that are compared in words. */
  private static final Set<String> SAID =
      Set.of(
          "workload",
          "service",
          "namespace",
          "spiffeId",
          "labels",
          "mtls",
          "portMtls",
          "policies",
          "limits");

  private InboundChanges() {}

  static void add(
      Workload oldMember, Workload member, MeshModel before, MeshModel after, Set<Change> changes) {
    Snapshot old = before.snapshot(oldMember);
    Snapshot now = after.snapshot(member);
    String subject = MeshDiff.subject(member);
    List<Integer> ports = new ArrayList<>(member.listening());
    ports.retainAll(oldMember.listening());
    for (int port : ports) {
      Inbound.Mtls was = old.inbound().mtls(port);
      Inbound.Mtls is = now.inbound().mtls(port);
      if (was.mode() != is.mode()) {
        changes.add(mode(subject, port, was, is));
      }
    }
    AccessChanges.add(subject, ports, old, now, before, after, changes);
    MeshDiff.leaves(
        subject, "", limits(old.inbound().limits()), limits(now.inbound().limits()), changes);
    MeshDiff.leaves(subject, "", rest(old.inbound()), rest(now.inbound()), changes);
    if (!old.accessLog().equals(now.accessLog())) {
      changes.add(
          new Change(
              subject,
              now.accessLog()
                  .map(format -> "logs access from now on, as " + format)
                  .orElse("logs no access any more"),
              false));
    }
  }

  /** What has no words of its own; who says it does not matter. */
  private static Map<String, String> rest(Inbound inbound) {
    Map<String, Object> tree = Trees.toTree(inbound);
    tree.keySet().removeAll(SAID);
    Map<String, String> leaves = Leaves.of(tree);
    leaves.keySet().removeIf(name -> name.endsWith("rule"));
    return leaves;
  }

  private static Change mode(String subject, int port, Inbound.Mtls was, Inbound.Mtls is) {
    boolean weaker = is.mode().compareTo(was.mode()) > 0;
    String effect =
        switch (is.mode()) {
          case STRICT -> "plaintext callers are refused from now on";
          case PERMISSIVE ->
              was.mode() == MtlsMode.STRICT
                  ? "plaintext callers are accepted again"
                  : "callers of the mesh use mutual TLS from now on";
          case DISABLE -> "the mesh stays out of it, and everything is plaintext";
        };
    return new Change(
        subject,
        "port "
            + port
            + " goes from "
            + was.mode()
            + " to "
            + is.mode()
            + " ("
            + (is.rule().equals("default") ? "the default" : is.rule())
            + "): "
            + effect,
        weaker);
  }

  private static Map<String, String> limits(List<ConnectionLimit> limits) {
    Map<String, String> all = new LinkedHashMap<>();
    for (ConnectionLimit limit : limits) {
      Map<String, String> leaves = Leaves.of(Trees.toTree(limit));
      leaves.remove("rule");
      String ports = leaves.remove("ports");
      leaves.forEach(
          (name, value) ->
              all.merge(
                  "limit of port " + ports + "." + name,
                  value,
                  (one, other) -> Long.parseLong(one) <= Long.parseLong(other) ? one : other));
    }
    return all;
  }
}
