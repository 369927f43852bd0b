package dev.weft.server.explain;

import dev.weft.policy.Route;
import dev.weft.policy.RouteTrace;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.SpiffeId;
import dev.weft.policy.compile.AssumedWorkloads;
import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Suggestion;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What would become of a request or a connection, and by which rules: asked of the same router and
 * the same access rules that agents use. Stateless.
 */
public final class Explanation {
  /** Of a route with thousands of rules nobody reads all that do not fit. */
  private static final int MOST_TRIED = 200;

  private Explanation() {}

  /** Explains with the workloads that are there. */
  public static Map<String, Object> live(
      Question question,
      PolicyStore policy,
      CompiledMesh mesh,
      List<Workload> workloads,
      String trustDomain)
      throws Refusal {
    return explain(question, policy, mesh, workloads, trustDomain);
  }

  /** Explains documents alone, with one assumed workload for every Service. */
  public static Map<String, Object> ofDocuments(
      Question question, PolicyStore policy, String trustDomain) throws Refusal {
    List<Workload> assumed = AssumedWorkloads.of(policy, trustDomain);
    Map<String, Object> answer =
        explain(
            question,
            policy,
            MeshCompiler.compile(policy, assumed, trustDomain, List.of()),
            assumed,
            trustDomain);
    answer.put("assumed", "one workload for every Service document, as its selector describes it");
    long refused = policy.documents().stream().filter(document -> !document.accepted()).count();
    if (refused > 0) {
      answer.put("refused", refused);
    }
    return answer;
  }

  private static Map<String, Object> explain(
      Question question,
      PolicyStore policy,
      CompiledMesh mesh,
      List<Workload> workloads,
      String trustDomain)
      throws Refusal {
    SpiffeId caller;
    try {
      caller = new SpiffeId(trustDomain, question.namespace(), question.serviceAccount());
    } catch (IllegalArgumentException e) {
      throw new Refusal(Kind.BAD_REQUEST, "bad-request", e.getMessage() + ".");
    }
    Snapshot snapshot = mesh.snapshotFor(caller(caller, question, workloads));
    RouteTrace request = RouteTrace.of(snapshot, question);
    List<Route> routes = request.service().map(Service::routes).orElse(List.of());
    boolean connection = question.connection(routes);
    RouteTrace trace =
        connection
            ? RouteTrace.ofConnection(snapshot, question.host(), question.port(), question.host())
            : request;
    Origins origins = new Origins(policy);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("from", caller.toString());
    answer.put("to", question.host() + ":" + question.port());
    answer.put(
        "request", connection ? "a connection" : question.method() + " " + question.pathAndQuery());
    trace.service().ifPresent(service -> answer.put("service", service(service, origins)));
    String why = why(question, trace, snapshot);
    if (!why.isEmpty()) {
      answer.put("why", why);
    }
    trace.route().ifPresent(route -> answer.put("route", route(route, origins)));
    tried(trace, connection, origins, answer);
    if (!connection) {
      connections(question, trace, snapshot, answer);
    }
    Outcomes outcomes =
        new Outcomes(question, connection, caller, snapshot, mesh, workloads, origins);
    answer.put("outcomes", trace.outcomes().stream().map(outcomes::of).toList());
    return answer;
  }

  /** The caller, with the labels of a workload that runs under its account, if one is known. */
  private static Workload caller(SpiffeId id, Question question, List<Workload> workloads) {
    Optional<Workload> running =
        workloads.stream()
            .filter(workload -> workload.spiffeId().equals(id.toString()))
            .findFirst();
    return new Workload(
        "explain",
        running.map(Workload::service).orElse(question.serviceAccount()),
        id.namespace(),
        id.serviceAccount(),
        id.toString(),
        "",
        running.map(Workload::labels).orElse(Map.of()),
        List.of(),
        Map.of(),
        true);
  }

  private static Map<String, Object> service(Service service, Origins origins) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", service.key());
    String at = origins.at("Service " + service.key());
    row.put("at", at.isEmpty() ? "implied by its workloads" : at);
    row.put("hosts", service.hosts());
    row.put("ports", service.ports().stream().map(port -> Integer.toString(port.port())).toList());
    service.external().ifPresent(external -> row.put("external", external.resolution().name()));
    return row;
  }

  /** Why no route was even looked at; empty: one was, or none is there. */
  private static String why(Question question, RouteTrace trace, Snapshot snapshot) {
    if (trace.service().isEmpty()) {
      List<String> hosts = new ArrayList<>();
      snapshot.services().forEach(service -> hosts.addAll(service.hosts()));
      String near = Suggestion.of(question.host().toLowerCase(Locale.ROOT), hosts);
      return "no Service is called \""
          + question.host()
          + "\" by clients of namespace "
          + question.namespace()
          + (near.isEmpty() ? elsewhere(question.host(), snapshot) : near);
    }
    if (trace.route().isPresent()) {
      return "";
    }
    return trace.service().get().ports().stream().anyMatch(p -> p.port() == question.port())
        ? "no route binds port "
            + question.port()
            + " of it for clients of namespace "
            + question.namespace()
        : "it has no port " + question.port();
  }

  /** Short names belong to one namespace. */
  private static String elsewhere(String host, Snapshot snapshot) {
    for (Service service : snapshot.services()) {
      if (service.name().equals(host.toLowerCase(Locale.ROOT))) {
        return "; did you mean \"" + service.name() + "." + service.namespace() + "\"?";
      }
    }
    return "";
  }

  private static Map<String, Object> route(Route route, Origins origins) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", route.name());
    row.put("documents", origins.atAll(route.name()));
    row.put("rules", route.rules().size());
    return row;
  }

  /** Routes of the same port by which requests do not go. */
  private static void connections(
      Question question, RouteTrace trace, Snapshot snapshot, Map<String, Object> answer) {
    Optional<String> deciding = trace.route().map(Route::name);
    RouteTrace.ofConnection(snapshot, question.host(), question.port(), question.host())
        .route()
        .filter(route -> !deciding.equals(Optional.of(route.name())))
        .ifPresent(route -> answer.put("connectionsBy", route.name()));
  }

  private static void tried(
      RouteTrace trace, boolean connection, Origins origins, Map<String, Object> answer) {
    List<Object> rows = new ArrayList<>();
    int skipped = Math.max(0, trace.tried().size() - MOST_TRIED);
    for (RouteTrace.Tried tried : trace.tried().subList(skipped, trace.tried().size())) {
      rows.add(Tries.row(tried, connection, origins));
    }
    answer.put("tried", rows);
    if (skipped > 0) {
      answer.put("triedBefore", skipped);
    }
  }
}
