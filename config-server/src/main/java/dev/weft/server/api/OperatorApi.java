package dev.weft.server.api;

import dev.weft.policy.compile.Lint;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import dev.weft.policy.tree.Trees;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.diff.MeshDiff;
import dev.weft.server.diff.MeshModel;
import dev.weft.server.distribution.MeshState;
import dev.weft.server.explain.Explanation;
import dev.weft.server.explain.Question;
import dev.weft.server.http.Answer;
import dev.weft.server.http.Caller;
import dev.weft.server.http.Request;
import dev.weft.server.http.Routes;
import dev.weft.server.limit.Traffic;
import dev.weft.server.metrics.ServerMetrics;
import dev.weft.server.policy.Generation;
import dev.weft.server.protocol.DiffRequest;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What people, the command line and the page ask. All of it only reads. Thread-safe. */
public final class OperatorApi {
  private static final int MAX_NOTHING = 1 << 10;

  /** A whole policy folder. */
  private static final int MAX_DOCUMENTS = 4 << 20;

  private final Mesh mesh;
  private final ServerMetrics own;
  private final StatusView view;

  /**
   * Answers for a mesh.
   *
   * @param own what the server measures about itself
   */
  public OperatorApi(Mesh mesh, ServerMetrics own) {
    this.mesh = mesh;
    this.own = own;
    this.view = new StatusView(mesh);
  }

  /** Adds its resources. */
  public void addTo(Routes.Builder routes) {
    routes
        .get("/healthz", Caller.ANYONE, request -> Answer.text("text/plain", "ok\n"))
        // A listener opens only after the first compilation, so whoever is answered is ready.
        .get("/readyz", Caller.ANYONE, request -> Answer.text("text/plain", "ok\n"))
        .get("/metrics", Caller.VIEWER, this::ownMetrics)
        .get("/v1/status", Caller.VIEWER, request -> Answer.json(view.status()))
        .get("/v1/workloads", Caller.VIEWER, this::workloads)
        .get("/v1/services", Caller.VIEWER, this::services)
        .get("/v1/policies", Caller.VIEWER, this::policies)
        .post("/v1/policies/reload", Caller.VIEWER, MAX_NOTHING, this::reload)
        .get("/v1/policies/{kind}/{namespace}/{name}", Caller.VIEWER, this::policy)
        .get("/v1/connections", Caller.VIEWER, this::connections)
        .get("/v1/certificates", Caller.VIEWER, this::certificates)
        .get("/v1/explain", Caller.VIEWER, this::explain)
        .get("/v1/lint", Caller.VIEWER, request -> lint())
        .post("/v1/diff", Caller.VIEWER, Traffic.COSTLY, MAX_DOCUMENTS, this::diff);
  }

  private Answer ownMetrics(Request request) throws IOException {
    ServerMetrics.Page page = own.page(request.header("accept", ""));
    return Answer.bytes(page.contentType(), page.text());
  }

  private Answer workloads(Request request) throws Refusal {
    return Page.of(
        request,
        "workloads",
        view.workloads(),
        List.of("namespace", "service", "instance"),
        List.of("namespace", "service"));
  }

  private Answer connections(Request request) throws Refusal {
    return Page.of(
        request,
        "workloads",
        view.connections(),
        List.of("service", "instance"),
        List.of("service"));
  }

  private Answer policies(Request request) throws Refusal {
    return Page.of(
        request,
        "documents",
        view.documents(),
        List.of("kind", "namespace", "name", "file"),
        List.of("kind", "namespace", "name", "file", "accepted"));
  }

  /** One document; of a kind without namespace, the namespace in the path is {@code -}. */
  private Answer policy(Request request) throws Refusal {
    String namespace = request.path("namespace").equals("-") ? "" : request.path("namespace");
    for (Object document : view.documents()) {
      if (document instanceof Map<?, ?> tree
          && request.path("kind").equals(tree.get("kind"))
          && namespace.equals(tree.get("namespace"))
          && request.path("name").equals(tree.get("name"))) {
        return Answer.json(tree);
      }
    }
    throw new Refusal(
        Kind.NOT_FOUND,
        "no-such-document",
        "There is no "
            + request.path("kind")
            + " "
            + request.path("namespace")
            + "/"
            + request.path("name")
            + ".");
  }

  /**
   * Has the folder looked at now, so that somebody who has just saved a file can wait for the
   * generation that it is. It may not be compiled yet; {@code /v1/status} tells.
   */
  private Answer reload(Request request) throws Refusal {
    try {
      Generation generation = mesh.folder().reload();
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("epoch", generation.epoch());
      answer.put("generation", generation.number());
      answer.put("problems", mesh.folder().problems());
      return Answer.json(answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(Kind.OVERLOADED, "overloaded", "The server is closing.");
    }
  }

  /** The services as the clients of one namespace see them. */
  private Answer services(Request request) throws Refusal {
    String namespace = request.parameter("namespace", "default");
    Workload viewer =
        new Workload("api", "", namespace, "api", "", "", Map.of(), List.of(), Map.of(), true);
    List<Object> services = new ArrayList<>();
    mesh.distribution()
        .state()
        .mesh()
        .snapshotFor(viewer)
        .services()
        .forEach(service -> services.add(Trees.toTree(service)));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("namespace", namespace);
    answer.putAll(
        Page.tree(request, "services", services, List.of("namespace", "name"), List.of("name")));
    return Answer.json(answer);
  }

  private Answer certificates(Request request) throws Refusal {
    X509Certificate root = mesh.authority().root();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put(
        "roots",
        List.of(
            Map.of(
                "subject", root.getSubjectX500Principal().getName(),
                "pin", CertificateAuthority.pin(root),
                "notBefore", root.getNotBefore().toInstant().toString(),
                "notAfter", root.getNotAfter().toInstant().toString())));
    answer.put(
        "server",
        Map.of(
            "spiffeId", mesh.certificate().spiffeId().toString(),
            "notAfter", mesh.certificate().notAfter().toString()));
    List<Object> leaves = new ArrayList<>();
    mesh.registry()
        .registrations()
        .forEach(
            registration -> {
              Map<String, Object> leaf = new LinkedHashMap<>();
              leaf.put("workload", registration.workload().id());
              leaf.put("spiffeId", registration.svid().spiffeId().toString());
              leaf.put("serial", registration.svid().certificate().getSerialNumber().toString(16));
              leaf.put("notAfter", registration.svid().notAfter().toString());
              leaves.add(leaf);
            });
    answer.putAll(
        Page.tree(
            request, "workloads", leaves, List.of("spiffeId", "workload"), List.of("spiffeId")));
    answer.put("issued", mesh.enrollment().issued());
    answer.put("refused", mesh.enrollment().refused());
    return Answer.json(answer);
  }

  /** What is wrong between the documents in force and the workloads that run. */
  private Answer lint() {
    MeshState state = mesh.distribution().state();
    Lint.Report report =
        Lint.report(state.policy(), state.mesh(), state.workloads(), mesh.trustDomain());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("documents", report.documents());
    answer.put("errors", report.count(Severity.ERROR));
    answer.put("warnings", report.count(Severity.WARNING));
    answer.put("diagnostics", report.diagnostics().stream().map(Trees::toTree).toList());
    answer.put("suppressed", report.suppressed().stream().map(Trees::toTree).toList());
    return Answer.json(answer);
  }

  /**
   * What would change if the policy folder held these files and no others. Of a document that is
   * broken in them the version in force would stay, and so it does here.
   */
  private Answer diff(Request request) throws Refusal {
    DiffRequest wanted = Json.record(Json.object(request.body()), DiffRequest.class);
    MeshState state = mesh.distribution().state();
    PolicyStore after =
        state
            .policy()
            .update(
                wanted.files().stream()
                    .map(file -> new SourceFile(file.name(), file.text()))
                    .toList());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("epoch", state.generation().epoch());
    answer.put("generation", state.generation().number());
    answer.put(
        "refused", after.documents().stream().filter(document -> !document.accepted()).count());
    answer.putAll(
        MeshDiff.toTree(
            MeshDiff.between(
                MeshModel.of(state.policy(), mesh.trustDomain()),
                MeshModel.of(after, mesh.trustDomain()))));
    return Answer.json(answer);
  }

  private Answer explain(Request request) throws Refusal {
    Question question =
        Question.of(
            required(request, "from"),
            required(request, "to"),
            given(request, "about"),
            given(request, "method"),
            given(request, "path"),
            request.query().getOrDefault("header", List.of()));
    MeshState state = mesh.distribution().state();
    return Answer.json(
        Explanation.live(
            question, state.policy(), state.mesh(), state.workloads(), mesh.trustDomain()));
  }

  /** Empty when it is not. */
  private static String given(Request request, String name) {
    return request.parameter(name, "");
  }

  static String required(Request request, String name) throws Refusal {
    String value = given(request, name);
    if (value.isEmpty()) {
      throw new Refusal(
          Kind.BAD_REQUEST, "bad-request", "The query parameter " + name + " is missing.");
    }
    return value;
  }
}
