package dev.weft.server.explain;

import dev.weft.policy.AccessConnection;
import dev.weft.policy.AccessRequest;
import dev.weft.policy.AccessToken;
import dev.weft.policy.AccessTrace;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Inbound;
import dev.weft.policy.JwtRule;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Peer;
import dev.weft.policy.RouteTrace;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.SpiffeId;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.WeightedBackend;
import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.tree.DurationText;
import dev.weft.policy.tree.Leaves;
import dev.weft.policy.tree.Trees;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What can become of one request or connection, with what the servers say to it. Confined to one
 * question.
 */
final class Outcomes {
  private static final int MOST_ENDPOINTS = 20;

  private final Question question;
  private final boolean connection;
  private final SpiffeId caller;
  private final Snapshot snapshot;
  private final CompiledMesh mesh;
  private final Map<String, Workload> workloads = new HashMap<>();
  private final Origins origins;

  Outcomes(
      Question question,
      boolean connection,
      SpiffeId caller,
      Snapshot snapshot,
      CompiledMesh mesh,
      List<Workload> workloads,
      Origins origins) {
    this.question = question;
    this.connection = connection;
    this.caller = caller;
    this.snapshot = snapshot;
    this.mesh = mesh;
    workloads.forEach(workload -> this.workloads.put(workload.id(), workload));
    this.origins = origins;
  }

  Map<String, Object> of(RouteTrace.Outcome outcome) {
    Decision decision = outcome.decision();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("share", percent(100.0 * outcome.weight() / outcome.total()));
    row.put("rule", decision.rule());
    outcome.backend().ifPresent(backend -> row.put("backend", backend(backend)));
    if (decision instanceof Decision.PassThrough) {
      row.put(
          "decision",
          decision.rule().equals("no-service")
              ? "pass through: the host is no service of the mesh"
              : "pass through: it is outside the mesh");
    } else if (decision instanceof Decision.Reject reject) {
      row.put(
          "decision",
          connection
              ? "refuse " + reject.flag()
              : "reject " + reject.status() + " " + reject.flag());
      row.put("reason", reject.reason());
    } else if (decision instanceof Decision.Redirect redirect) {
      row.put("decision", "redirect " + redirect.status() + " to " + redirect.location());
    } else if (decision instanceof Decision.Answer answer) {
      row.put("decision", "answer " + answer.status());
    } else if (decision instanceof Decision.Preflight preflight) {
      String allowed = preflight.headers().isEmpty() ? "the origin may not" : "the origin may";
      row.put("decision", "answer the preflight: " + allowed);
    } else if (decision instanceof Decision.Forward forward) {
      forward(forward, row);
    }
    return row;
  }

  /** Whole percents where they are, else two digits. */
  static String percent(double share) {
    return Math.rint(share) == share
        ? String.format(Locale.ROOT, "%.0f%%", share)
        : String.format(Locale.ROOT, "%.2f%%", share);
  }

  private static String backend(WeightedBackend backend) {
    return backend.service()
        + ":"
        + backend.port()
        + backend.subsetName().map(subset -> " subset " + subset).orElse("")
        + (backend.subset().isEmpty() ? "" : " " + backend.subset())
        + ", weight "
        + backend.weight();
  }

  private void forward(Decision.Forward forward, Map<String, Object> row) {
    row.put("decision", "forward to " + forward.service().key());
    forward
        .requestTimeout()
        .ifPresent(timeout -> row.put("requestTimeout", DurationText.of(timeout)));
    forward
        .backendTimeout()
        .ifPresent(timeout -> row.put("backendTimeout", DurationText.of(timeout)));
    List<String> edits = new ArrayList<>();
    forward.requestHeaders().forEach(e -> edits.add(e.kind() + " " + e.name() + " " + e.value()));
    if (!edits.isEmpty()) {
      row.put("requestHeaders", edits);
    }
    row.put("actions", leaves(Leaves.of(Trees.toTree(forward.delivery().actions())), Set.of()));
    List<Object> policies = new ArrayList<>();
    for (TrafficPolicy policy : forward.delivery().policies()) {
      policies.add(said(policy.rule(), leaves(Leaves.of(Trees.toTree(policy)), Set.of("rule"))));
    }
    Service service = forward.service();
    service
        .pool()
        .ifPresent(
            pool ->
                policies.add(
                    said(pool.rule(), leaves(Leaves.of(Trees.toTree(pool)), Set.of("rule")))));
    row.put("policies", policies);
    boolean repeats = forward.delivery().actions().retry().isPresent() || !policies.isEmpty();
    if (repeats && !connection) {
      row.put(
          "retryBudget",
          snapshot.mesh().retryBudgetPercent()
              + "%, at least "
              + snapshot.mesh().retryBudgetMinPerSecond()
              + " per second");
    }
    List<Endpoint> endpoints = forward.endpoints();
    row.put(
        "endpoints",
        endpoints.stream().limit(MOST_ENDPOINTS).map(endpoint -> endpoint(endpoint)).toList());
    if (endpoints.size() > MOST_ENDPOINTS) {
      row.put("moreEndpoints", endpoints.size() - MOST_ENDPOINTS);
    }
  }

  private Map<String, Object> said(String rule, List<String> says) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("rule", rule);
    row.put("at", origins.at(rule));
    row.put("says", says);
    return row;
  }

  private static List<String> leaves(Map<String, String> leaves, Set<String> without) {
    return leaves.entrySet().stream()
        .filter(leaf -> !without.contains(leaf.getKey()) && !leaf.getValue().isEmpty())
        .map(leaf -> leaf.getKey() + " " + leaf.getValue())
        .toList();
  }

  private Map<String, Object> endpoint(Endpoint endpoint) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("address", endpoint.address() + ":" + endpoint.port());
    row.put("workload", endpoint.workload());
    row.put("identity", endpoint.mesh() ? endpoint.spiffeId() : "none, plaintext");
    boolean revoked = snapshot.mesh().revoked().contains(endpoint.spiffeId());
    row.put(
        "clientTls",
        revoked
            ? "refused: the server's identity is revoked"
            : endpoint.mesh() ? "mutual TLS with " + endpoint.spiffeId() : "plaintext");
    Optional.ofNullable(workloads.get(endpoint.workload()))
        .map(workload -> mesh.snapshotFor(workload).inbound())
        .ifPresent(inbound -> server(inbound, endpoint, row));
    return row;
  }

  private void server(Inbound accepts, Endpoint endpoint, Map<String, Object> row) {
    Inbound.Mtls mtls = accepts.mtls(endpoint.port());
    row.put("mtls", mtls.mode() + " by " + mtls.rule());
    if (!origins.at(mtls.rule()).isEmpty()) {
      row.put("mtlsAt", origins.at(mtls.rule()));
    }
    // Without mutual TLS the server does not know who calls.
    boolean known = endpoint.mesh() && mtls.mode() != MtlsMode.DISABLE;
    AccessTrace trace =
        judged(
            accepts,
            AccessConnection.of(
                new Peer(known ? Optional.of(caller) : Optional.empty()), endpoint.port()));
    row.put(
        "access",
        (trace.decision().allowed() ? "allowed by " : "DENIED by ") + trace.decision().rule());
    row.put("accessReason", trace.decision().reason());
    if (!trace.decision().dryRun().isEmpty()) {
      row.put("accessDryRun", trace.decision().dryRun());
    }
    if (!trace.decision().audit().isEmpty()) {
      row.put("accessAudit", trace.decision().audit());
    }
    if (!accepts.jwtRules().isEmpty()) {
      row.put("tokens", accepts.jwtRules().stream().map(JwtRule::issuer).toList());
    }
    List<Object> policies = new ArrayList<>();
    for (AccessTrace.Judged judged : trace.policies()) {
      Map<String, Object> policy = new LinkedHashMap<>();
      policy.put("policy", judged.policy().name());
      policy.put("at", origins.at(judged.policy().name()));
      policy.put("action", judged.policy().action().name());
      policy.put("dryRun", judged.policy().dryRun());
      policy.put("fits", judged.fits());
      policy.put("because", judged.reason());
      policies.add(policy);
    }
    row.put("accessPolicies", policies);
    if (snapshot.mesh().revoked().contains(caller.toString())) {
      row.put("revoked", "the caller's identity is revoked; nobody talks to it");
    }
  }

  private AccessTrace judged(Inbound accepts, AccessConnection asked) {
    return connection
        ? AccessTrace.ofConnection(accepts, asked)
        : AccessTrace.of(
            accepts,
            new AccessRequest(
                asked,
                question.method(),
                question.path(),
                question.host().toLowerCase(Locale.ROOT),
                question::header,
                AccessToken.NONE));
  }
}
