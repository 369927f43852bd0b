package dev.weft.server.explain;

import dev.weft.policy.Access;
import dev.weft.policy.AccessConnection;
import dev.weft.policy.AccessDecision;
import dev.weft.policy.AccessRequest;
import dev.weft.policy.AccessToken;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Inbound;
import dev.weft.policy.JwtRule;
import dev.weft.policy.Peer;
import dev.weft.policy.Router;
import dev.weft.policy.Snapshot;
import dev.weft.policy.SpiffeId;
import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.PolicyStore;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What would become of a request, and by which rules: asked of the same router and the same access
 * rules that agents use. Stateless.
 */
public final class Explanation {
  /** Enough to tell weights apart by whole percents. */
  private static final int DRAWS = 10_000;

  private Explanation() {}

  /** Explains with the workloads that are there. */
  public static Map<String, Object> live(
      Question question, CompiledMesh mesh, List<Workload> workloads, String trustDomain)
      throws Refusal {
    return explain(question, mesh, workloads, trustDomain);
  }

  /** Explains documents alone, with one assumed workload for every Service. */
  public static Map<String, Object> ofDocuments(
      Question question, PolicyStore policy, String trustDomain) throws Refusal {
    List<Workload> assumed = AssumedWorkloads.of(policy, trustDomain);
    Map<String, Object> answer =
        explain(
            question,
            MeshCompiler.compile(policy, assumed, trustDomain, List.of()),
            assumed,
            trustDomain);
    answer.put("assumed", "one workload for every Service document, as its selector describes it");
    return answer;
  }

  private static Map<String, Object> explain(
      Question question, CompiledMesh mesh, List<Workload> workloads, String trustDomain)
      throws Refusal {
    SpiffeId caller;
    try {
      caller = new SpiffeId(trustDomain, question.namespace(), question.serviceAccount());
    } catch (IllegalArgumentException e) {
      throw new Refusal(Kind.BAD_REQUEST, "bad-request", e.getMessage() + ".");
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("from", caller.toString());
    answer.put("to", question.host() + ":" + question.port());
    answer.put("request", question.method() + " " + question.pathAndQuery());
    Snapshot snapshot = mesh.snapshotFor(caller(caller, question));
    Map<Decision, Integer> draws = draw(new Router(snapshot), question);
    List<Object> outcomes = new ArrayList<>();
    draws.forEach(
        (decision, count) ->
            outcomes.add(outcome(decision, count, question, caller, mesh, workloads)));
    answer.put("outcomes", outcomes);
    return answer;
  }

  private static Workload caller(SpiffeId id, Question question) {
    return new Workload(
        "explain",
        question.serviceAccount(),
        id.namespace(),
        id.serviceAccount(),
        id.toString(),
        "",
        Map.of(),
        List.of(),
        Map.of(),
        true);
  }

  /** Decisions and how often each fell; the router makes equal ones the same object. */
  private static Map<Decision, Integer> draw(Router router, Question question) {
    SplittableRandom dice = new SplittableRandom(1); // the same answer to the same question
    Map<Decision, Integer> draws = new LinkedHashMap<>();
    for (int i = 0; i < DRAWS; i++) {
      draws.merge(router.decide(question, dice), 1, Integer::sum);
    }
    return draws;
  }

  private static Map<String, Object> outcome(
      Decision decision,
      int count,
      Question question,
      SpiffeId caller,
      CompiledMesh mesh,
      List<Workload> workloads) {
    Map<String, Object> outcome = new LinkedHashMap<>();
    outcome.put("share", String.format(Locale.ROOT, "%.0f%%", 100.0 * count / DRAWS));
    outcome.put("rule", decision.rule());
    if (decision instanceof Decision.PassThrough) {
      outcome.put("decision", "pass through: the host is no service of the mesh");
    } else if (decision instanceof Decision.Reject reject) {
      outcome.put("decision", "reject " + reject.status() + " " + reject.flag());
      outcome.put("reason", reject.reason());
    } else if (decision instanceof Decision.Redirect redirect) {
      outcome.put("decision", "redirect " + redirect.status() + " to " + redirect.location());
    } else if (decision instanceof Decision.Answer answer) {
      outcome.put("decision", "answer " + answer.status());
    } else if (decision instanceof Decision.Forward forward) {
      outcome.put("decision", "forward to " + forward.service().key());
      forward
          .requestTimeout()
          .ifPresent(timeout -> outcome.put("requestTimeout", timeout.toString()));
      forward
          .backendTimeout()
          .ifPresent(timeout -> outcome.put("backendTimeout", timeout.toString()));
      if (!forward.requestHeaders().isEmpty()) {
        outcome.put(
            "requestHeaders",
            forward.requestHeaders().stream()
                .map(edit -> edit.kind() + " " + edit.name() + " " + edit.value())
                .toList());
      }
      Map<String, Workload> byId = new TreeMap<>();
      workloads.forEach(workload -> byId.put(workload.id(), workload));
      outcome.put(
          "endpoints",
          forward.endpoints().stream()
              .map(
                  endpoint ->
                      endpoint(
                          endpoint,
                          question,
                          caller,
                          Optional.ofNullable(byId.get(endpoint.workload()))
                              .map(workload -> mesh.snapshotFor(workload).inbound())))
              .toList());
    }
    return outcome;
  }

  private static Map<String, Object> endpoint(
      Endpoint endpoint, Question question, SpiffeId caller, Optional<Inbound> inbound) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("address", endpoint.address() + ":" + endpoint.port());
    row.put("workload", endpoint.workload());
    row.put("identity", endpoint.mesh() ? endpoint.spiffeId() : "none, plaintext");
    inbound.ifPresent(
        accepts -> {
          Inbound.Mtls mtls = accepts.mtls(endpoint.port());
          row.put("mtls", mtls.mode() + " by " + mtls.rule());
          AccessDecision access =
              Access.of(accepts)
                  .request(
                      new AccessRequest(
                          AccessConnection.of(new Peer(Optional.of(caller)), endpoint.port()),
                          question.method(),
                          question.path(),
                          question.host().toLowerCase(Locale.ROOT),
                          question::header,
                          AccessToken.NONE));
          row.put("access", (access.allowed() ? "allowed by " : "DENIED by ") + access.rule());
          row.put("accessReason", access.reason());
          if (!access.dryRun().isEmpty()) {
            row.put("accessDryRun", access.dryRun());
          }
          if (!access.audit().isEmpty()) {
            row.put("accessAudit", access.audit());
          }
          if (!accepts.jwtRules().isEmpty()) {
            row.put("tokens", accepts.jwtRules().stream().map(JwtRule::issuer).toList());
          }
        });
    return row;
  }
}
