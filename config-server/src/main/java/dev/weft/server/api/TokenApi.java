package dev.weft.server.api;

import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.enroll.JoinToken;
import dev.weft.server.enroll.JoinTokens;
import dev.weft.server.enroll.TokenGrant;
import dev.weft.server.http.Answer;
import dev.weft.server.http.Caller;
import dev.weft.server.http.Request;
import dev.weft.server.http.Routes;
import dev.weft.server.operator.OperatorGrant;
import dev.weft.server.operator.OperatorTokens;
import dev.weft.server.operator.Role;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Lifetime;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Join tokens and operator tokens, for operators without a shell on the server's machine. A token's
 * text stands in the answer that makes it and nowhere else. Thread-safe.
 */
public final class TokenApi {
  private static final int MAX_BODY = 16 << 10;

  private final Mesh mesh;

  /** Answers for a mesh. */
  public TokenApi(Mesh mesh) {
    this.mesh = mesh;
  }

  /** Adds its resources. */
  public void addTo(Routes.Builder routes) {
    routes
        .get("/v1/tokens", Caller.VIEWER, this::joinTokens)
        .post("/v1/tokens", Caller.OPERATOR, MAX_BODY, this::createJoinToken)
        .delete("/v1/tokens/{id}", Caller.OPERATOR, this::revokeJoinToken)
        .get("/v1/operators", Caller.VIEWER, this::operators)
        .post("/v1/operators", Caller.OPERATOR, MAX_BODY, this::createOperator)
        .delete("/v1/operators/{id}", Caller.OPERATOR, this::revokeOperator);
  }

  /**
   * Body of {@code POST /v1/tokens}.
   *
   * @param ttl as {@code 1h}; absent: an hour
   * @param uses absent: one
   */
  record JoinOrder(
      String service,
      Optional<String> namespace,
      Optional<String> serviceAccount,
      Map<String, String> labels,
      Optional<String> ttl,
      Optional<Integer> uses) {}

  /**
   * Body of {@code POST /v1/operators}.
   *
   * @param role {@code viewer} or {@code operator}
   * @param ttl as {@code 30d}; absent: thirty days
   */
  record OperatorOrder(String name, String role, Optional<String> ttl) {}

  private Answer createJoinToken(Request request) throws IOException, Refusal {
    JoinOrder body = Json.record(Json.object(request.body()), JoinOrder.class);
    JoinTokens.Order order =
        checked(
            () ->
                new JoinTokens.Order(
                    body.service(),
                    body.namespace().orElse("default"),
                    body.serviceAccount().orElse(body.service()),
                    body.labels(),
                    Lifetime.parse(body.ttl().orElse("1h")),
                    body.uses().orElse(1)));
    JoinToken token =
        mesh.joinTokens().create(order, CertificateAuthority.pin(mesh.authority().root()));
    request.notes().add("token", token.id());
    request.notes().add("service", order.service());
    request.notes().add("namespace", order.namespace());
    request.notes().add("uses", String.valueOf(order.uses()));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", token.id());
    answer.put("token", token.text());
    answer.put("expires", mesh.clock().instant().plus(order.life()).toString());
    return Answer.json(answer);
  }

  private Answer joinTokens(Request request) throws IOException, Refusal {
    List<Object> rows = new ArrayList<>();
    for (TokenGrant grant : mesh.joinTokens().list()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("id", grant.id());
      row.put("service", grant.service());
      row.put("namespace", grant.namespace());
      row.put("serviceAccount", grant.serviceAccount());
      row.put("labels", grant.labels());
      row.put("created", grant.created());
      row.put("expires", grant.expires());
      row.put("uses", grant.uses());
      row.put("remaining", grant.remaining());
      row.put("revoked", grant.revoked());
      rows.add(row);
    }
    return Page.of(request, "tokens", rows, List.of("id"), List.of("service", "namespace"));
  }

  private Answer revokeJoinToken(Request request) throws IOException, Refusal {
    String id = request.path("id");
    if (!mesh.joinTokens().revoke(id)) {
      throw new Refusal(Kind.NOT_FOUND, "no-such-token", "There is no join token " + id + ".");
    }
    request.notes().add("token", id);
    return Answer.json(Map.of());
  }

  private Answer createOperator(Request request) throws IOException, Refusal {
    OperatorOrder body = Json.record(Json.object(request.body()), OperatorOrder.class);
    OperatorTokens.Order order =
        checked(
            () ->
                new OperatorTokens.Order(
                    body.name(),
                    Role.parse(body.role()),
                    Lifetime.parse(body.ttl().orElse("30d"))));
    OperatorTokens.Created created = mesh.operators().tokens().create(order);
    request.notes().add("token", created.grant().id());
    request.notes().add("name", order.name());
    request.notes().add("role", order.role().title());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", created.grant().id());
    answer.put("token", created.text());
    answer.put("expires", created.grant().expires());
    return Answer.json(answer);
  }

  private Answer operators(Request request) throws IOException, Refusal {
    Map<String, String> lastUsed = mesh.operators().lastUsed();
    List<Object> rows = new ArrayList<>();
    for (OperatorGrant grant : mesh.operators().tokens().list()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("id", grant.id());
      row.put("name", grant.name());
      row.put("role", grant.role().title());
      row.put("created", grant.created());
      row.put("expires", grant.expires());
      row.put("state", grant.state(mesh.clock().instant()));
      if (lastUsed.containsKey(grant.id())) {
        row.put("lastUsed", lastUsed.get(grant.id()));
      }
      rows.add(row);
    }
    return Page.of(request, "operators", rows, List.of("name", "id"), List.of("role", "state"));
  }

  private Answer revokeOperator(Request request) throws IOException, Refusal {
    String id = request.path("id");
    if (!mesh.operators().tokens().revoke(id)) {
      throw new Refusal(Kind.NOT_FOUND, "no-such-token", "There is no operator token " + id + ".");
    }
    request.notes().add("token", id);
    return Answer.json(Map.of());
  }

  private static <T> T checked(Supplier<T> order) throws Refusal {
    try {
      return order.get();
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          Kind.BAD_REQUEST, "bad-request", "The request does not fit: " + e.getMessage() + ".");
    }
  }
}
