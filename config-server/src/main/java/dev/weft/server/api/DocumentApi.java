package dev.weft.server.api;

import dev.weft.policy.compile.Lint;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import dev.weft.policy.tree.Trees;
import dev.weft.server.http.Answer;
import dev.weft.server.http.Caller;
import dev.weft.server.http.Request;
import dev.weft.server.http.Routes;
import dev.weft.server.limit.Traffic;
import dev.weft.server.protocol.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Help for who writes policy documents: nothing here is put in force. Stateless. */
public final class DocumentApi {
  private static final int MAX_DOCUMENTS = 1 << 20;

  private DocumentApi() {}

  /** Adds its resources. */
  public static void addTo(Routes.Builder routes, String trustDomain) {
    routes
        .post(
            "/v1/lint",
            Caller.VIEWER,
            Traffic.COSTLY,
            MAX_DOCUMENTS,
            request -> lint(request, trustDomain))
        .get("/v1/schemas", Caller.VIEWER, request -> Answer.json(schemas()))
        .get("/v1/schemas/{kind}", Caller.VIEWER, DocumentApi::schema);
  }

  /** What is wrong with the documents in the body, whatever is in force. */
  private static Answer lint(Request request, String trustDomain) {
    String name = request.parameter("file", "body.yaml");
    List<Diagnostic> diagnostics =
        Lint.report(List.of(new SourceFile(name, request.body())), trustDomain).diagnostics();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("errors", count(diagnostics, Severity.ERROR));
    answer.put("warnings", count(diagnostics, Severity.WARNING));
    answer.put("diagnostics", diagnostics.stream().map(Trees::toTree).toList());
    return Answer.json(answer);
  }

  private static long count(List<Diagnostic> diagnostics, Severity severity) {
    return diagnostics.stream().filter(one -> one.severity() == severity).count();
  }

  private static Map<String, Object> schemas() throws IOException {
    List<String> kinds = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (read(kind).isPresent()) {
        kinds.add(kind.text());
      }
    }
    return Map.of("kinds", kinds);
  }

  private static Answer schema(Request request) throws IOException, Refusal {
    String wanted = request.path("kind");
    // Only the name of a kind becomes the name of a resource.
    Optional<Kind> kind =
        Arrays.stream(Kind.values()).filter(known -> known.text().equals(wanted)).findFirst();
    Optional<byte[]> schema = kind.isPresent() ? read(kind.get()) : Optional.empty();
    return Answer.bytes(
        "application/schema+json",
        schema.orElseThrow(
            () ->
                new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "no-such-schema",
                    "There is no schema of " + wanted + "; /v1/schemas lists those that exist.")));
  }

  private static Optional<byte[]> read(Kind kind) throws IOException {
    try (InputStream schema = Lint.class.getResourceAsStream("/schemas/" + kind.text() + ".json")) {
      return schema == null ? Optional.empty() : Optional.of(schema.readAllBytes());
    }
  }
}
