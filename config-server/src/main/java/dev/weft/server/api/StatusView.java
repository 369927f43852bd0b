package dev.weft.server.api;

import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.DocumentStatus;
import dev.weft.policy.tree.Trees;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.distribution.AgentState;
import dev.weft.server.distribution.MeshState;
import dev.weft.server.registry.Registration;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The state of the mesh as trees, made anew for each question. Stateless but for the mesh. */
final class StatusView {
  private final Mesh mesh;

  StatusView(Mesh mesh) {
    this.mesh = mesh;
  }

  Map<String, Object> status() {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("server", server());
    status.put("policy", policy());
    status.put("agents", agents());
    status.put("telemetry", telemetry());
    return status;
  }

  private Map<String, Object> server() {
    Map<String, Object> server = new LinkedHashMap<>();
    server.put("version", mesh.version());
    server.put("trustDomain", mesh.trustDomain());
    server.put("spiffeId", mesh.certificate().spiffeId().toString());
    server.put("startedAt", mesh.startedAt().toString());
    server.put("now", mesh.clock().instant().toString());
    mesh.jumps()
        .last()
        .ifPresent(
            jump ->
                server.put(
                    "clockJumped",
                    Map.of(
                        "times",
                        mesh.jumps().count(),
                        "bySeconds",
                        jump.by().toSeconds(),
                        "to",
                        jump.to().toString())));
    server.put("certificateNotAfter", mesh.certificate().notAfter().toString());
    server.put("rootNotAfter", mesh.authority().root().getNotAfter().toInstant().toString());
    server.put("rootPin", CertificateAuthority.pin(mesh.authority().root()));
    return server;
  }

  private Map<String, Object> policy() {
    MeshState state = mesh.distribution().state();
    List<DocumentStatus> documents = state.policy().documents();
    Map<String, Object> policy = new LinkedHashMap<>();
    policy.put("documents", documents.size());
    policy.put("rejected", documents.stream().filter(document -> !document.accepted()).count());
    policy.put("stale", documents.stream().filter(DocumentStatus::stale).count());
    policy.putAll(generation(state));
    policy.put("compiledAt", state.compiledAt().toString());
    policy.put("compilerFailure", state.failure());
    policy.put("problems", mesh.folder().problems());
    List<Object> diagnostics = new ArrayList<>();
    for (Diagnostic diagnostic : state.diagnostics()) {
      diagnostics.add(Trees.toTree(diagnostic));
    }
    policy.put("diagnostics", diagnostics);
    policy.put(
        "staleDocuments",
        documents.stream().filter(DocumentStatus::stale).map(StatusView::title).toList());
    return policy;
  }

  /** Which documents these are, and whether they, or the state folder, are of before. */
  private Map<String, Object> generation(MeshState state) {
    Map<String, Object> generation = new LinkedHashMap<>();
    generation.put("epoch", state.generation().epoch());
    generation.put("generation", state.generation().number());
    mesh.generations()
        .sameAs()
        .ifPresent(
            past ->
                generation.put(
                    "sameAs",
                    Map.of("generation", past.number(), "since", past.since().toString())));
    mesh.generations()
        .setBack()
        .ifPresent(
            back -> generation.put("setBack", Map.of("seen", back.seen(), "known", back.known())));
    return generation;
  }

  static String title(DocumentStatus document) {
    return document.kind()
        + " "
        + (document.namespace().isEmpty() ? "" : document.namespace() + "/")
        + document.name();
  }

  List<Object> agents() {
    List<Object> agents = new ArrayList<>();
    for (Registration registration : mesh.registry().registrations()) {
      agents.add(agent(registration));
    }
    return agents;
  }

  private Map<String, Object> agent(Registration registration) {
    Map<String, Object> agent = workload(registration);
    Optional<AgentState> known = mesh.distribution().agent(registration.instance());
    agent.put("protocol", known.map(AgentState::protocol).orElse(0));
    known
        .map(AgentState::came)
        .filter(came -> !came.epoch().isEmpty())
        .ifPresent(
            came ->
                agent.put("cameWith", Map.of("epoch", came.epoch(), "generation", came.number())));
    agent.put("version", known.map(AgentState::offered).orElse(""));
    agent.put("acked", known.map(AgentState::acked).orElse(""));
    agent.put("inSync", known.map(AgentState::inSync).orElse(false));
    agent.put("refuses", known.map(AgentState::refuses).orElse(false));
    known
        .filter(state -> !state.nacked().isEmpty())
        .ifPresent(
            state ->
                agent.put(
                    "nacked", Map.of("version", state.nacked(), "reason", state.nackReason())));
    known
        .map(AgentState::reportedAt)
        .ifPresent(instant -> agent.put("reportedAt", instant.toString()));
    Map<String, Object> status = known.map(AgentState::status).orElse(Map.of());
    Instant end = certificateEnd(registration, status);
    agent.put("certificateNotAfter", end.toString());
    agent.put("certificateSecondsLeft", Duration.between(mesh.clock().instant(), end).toSeconds());
    known
        .flatMap(AgentState::clockAhead)
        .ifPresent(ahead -> agent.put("clockAheadSeconds", ahead.toSeconds()));
    agent.put("status", status);
    return agent;
  }

  /** What the agent says, because it may have renewed since it last showed a certificate. */
  private static Instant certificateEnd(Registration registration, Map<String, Object> status) {
    Instant shown = registration.svid().notAfter();
    if (status.get("certificateNotAfter") instanceof String text) {
      try {
        Instant said = Instant.parse(text);
        return said.isAfter(shown) ? said : shown;
      } catch (DateTimeParseException e) {
        return shown;
      }
    }
    return shown;
  }

  List<Object> workloads() {
    List<Object> workloads = new ArrayList<>();
    mesh.registry().registrations().forEach(one -> workloads.add(workload(one)));
    return workloads;
  }

  private Map<String, Object> workload(Registration registration) {
    Map<String, Object> workload = new LinkedHashMap<>(Trees.toTree(registration.workload()));
    workload.put("instance", registration.instance().toString());
    workload.put("remote", registration.remote());
    workload.put("since", registration.since().toString());
    workload.put("connected", mesh.registry().connected(registration.instance()));
    return workload;
  }

  List<Object> documents() {
    Conditions conditions = Conditions.of(mesh);
    List<Object> documents = new ArrayList<>();
    for (DocumentStatus document : mesh.distribution().state().policy().documents()) {
      Map<String, Object> tree = new LinkedHashMap<>(Trees.toTree(document));
      tree.put("conditions", conditions.of(document));
      documents.add(tree);
    }
    return documents;
  }

  List<Object> connections() {
    List<Object> rows = new ArrayList<>();
    for (Registration registration : mesh.registry().registrations()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("workload", registration.workload().id());
      row.put("instance", registration.instance().toString());
      row.put("service", registration.workload().service());
      row.put("spiffeId", registration.workload().spiffeId());
      row.put(
          "connections",
          mesh.distribution()
              .agent(registration.instance())
              .map(state -> state.status().get("connections"))
              .orElse(List.of()));
      rows.add(row);
    }
    return rows;
  }

  Map<String, Object> telemetry() {
    Map<String, Object> telemetry = new LinkedHashMap<>();
    telemetry.put("spans", mesh.spans().size());
    telemetry.put("spansReceived", mesh.spans().received());
    telemetry.put("spansDropped", mesh.spans().dropped());
    telemetry.put("series", mesh.metrics().size());
    telemetry.put("pointsReceived", mesh.metrics().received());
    telemetry.put("seriesDropped", mesh.metrics().dropped());
    telemetry.put("malformedRequests", mesh.receiver().malformed());
    return telemetry;
  }
}
