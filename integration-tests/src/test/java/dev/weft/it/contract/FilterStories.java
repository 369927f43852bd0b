package dev.weft.it.contract;

import static dev.weft.it.contract.Stories.assertAnsweredBy;
import static org.assertj.core.api.Assertions.assertThat;

import clients.Outcome;
import clients.Setup;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What routes change about requests and responses. */
interface FilterStories extends Stories {
  static void declare(Declarations policy) throws IOException {
    policy
        .service("edits", 1)
        .route(
            "edits",
            """
            - matches: [{path: {type: PathPrefix, value: /request}}]
              filters:
              - type: RequestHeaderModifier
                requestHeaderModifier:
                  set: [{name: X-Set, value: mesh}]
                  add: [{name: X-Added, value: mesh}]
                  remove: [x-removed]
              backendRefs: [{name: edits, port: 80}]
            - matches: [{path: {type: PathPrefix, value: /response}}]
              filters:
              - type: ResponseHeaderModifier
                responseHeaderModifier:
                  set: [{name: X-Set, value: mesh}]
                  add: [{name: X-Added, value: mesh}]
                  remove: [x-removed]
              backendRefs: [{name: edits, port: 80}]
            - matches: [{path: {type: PathPrefix, value: /backend}}]
              filters:
              - type: RequestHeaderModifier
                requestHeaderModifier: {set: [{name: x-order, value: rule}]}
              backendRefs:
              - name: edits
                port: 80
                filters:
                - type: RequestHeaderModifier
                  requestHeaderModifier: {add: [{name: x-order, value: backend}]}
            """)
        .service("redirect", 1)
        .service("redirect-target", 1)
        .route(
            "redirect",
            """
            - matches: [{path: {type: PathPrefix, value: /old}}]
              filters:
              - type: RequestRedirect
                requestRedirect:
                  path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}
                  statusCode: 301
            - matches: [{path: {type: PathPrefix, value: /away}}]
              filters:
              - type: RequestRedirect
                requestRedirect: {hostname: redirect-target}
            - backendRefs: [{name: redirect, port: 80}]
            """)
        .service("rewrite", 1)
        .route(
            "rewrite",
            """
            - matches: [{path: {type: PathPrefix, value: /api}}]
              filters:
              - type: URLRewrite
                urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /inner}}
              backendRefs: [{name: rewrite, port: 80}]
            - matches: [{path: {type: PathPrefix, value: /full}}]
              filters:
              - type: URLRewrite
                urlRewrite:
                  hostname: api.example.com
                  path: {type: ReplaceFullPath, replaceFullPath: /all}
              backendRefs: [{name: rewrite, port: 80}]
            """)
        .service("cors", 1)
        .route(
            "cors",
            """
            - filters:
              - type: CORS
                cors:
                  allowOrigins: ["https://shop.example.com", "https://*.trusted.example"]
                  allowMethods: [PUT]
                  allowCredentials: true
                  exposeHeaders: [x-cost]
                  maxAge: 600
              backendRefs: [{name: cors, port: 80}]
            """);
  }

  @Test
  default void requestHeadersAreSetAddedAndRemoved() throws Exception {
    send(
        Request.get("http://edits/request")
            .header("X-Set", "application")
            .header("X-Added", "application")
            .header("X-Removed", "application")
            .header("X-Kept", "application"));

    Received arrived = last("edits");
    assertThat(arrived.values("x-set")).containsExactly("mesh");
    assertThat(arrived.values("x-added")).containsExactly("application", "mesh");
    assertThat(arrived.values("x-removed")).isEmpty();
    assertThat(arrived.values("x-kept")).containsExactly("application");
  }

  @Test
  default void responseHeadersAreSetAddedAndRemoved() throws Exception {
    backend("edits")
        .plays(
            Script.answer(
                200,
                "",
                "X-Set",
                "server",
                "X-Added",
                "server",
                "X-Removed",
                "server",
                "X-Kept",
                "server"));

    Outcome outcome = get("http://edits/response");

    assertThat(outcome.values("x-set")).containsExactly("mesh");
    assertThat(outcome.values("x-added")).containsExactlyInAnyOrder("server", "mesh");
    assertThat(outcome.values("x-removed")).isEmpty();
    assertThat(outcome.values("x-kept")).containsExactly("server");
  }

  @Test
  default void theFiltersOfABackendComeAfterThoseOfItsRule() throws Exception {
    send(Request.get("http://edits/backend").header("X-Order", "application"));

    assertThat(last("edits").values("x-order")).containsExactly("rule", "backend");
  }

  @Test
  default void aRedirectIsAnsweredByTheMesh() throws Exception {
    Outcome outcome = get("http://redirect/old/page?a=b");

    assertThat(outcome.status()).isEqualTo(301);
    assertThat(outcome.value("location")).hasValue("http://redirect/new/page?a=b");
    Outcome away = get("http://redirect/away");
    assertThat(away.status()).isEqualTo(302);
    assertThat(away.value("location")).hasValue("http://redirect-target/away");
    assertThat(backend("redirect").received()).noneMatch(one -> one.target().startsWith("/old"));
  }

  @Test
  default void anApplicationFollowsARedirectOfTheMesh() throws Exception {
    Setup following = Setup.PLAIN.followingRedirects();

    Outcome outcome = send(Request.get("http://redirect/away/x").with(following));

    assertAnsweredBy("redirect-target-0", outcome);
    assertThat(last("redirect-target").target()).isEqualTo("/away/x");
    assertThat(last("redirect-target").value("host")).hasValue("redirect-target");
  }

  @Test
  default void aPrefixIsRewrittenAndTheQueryStays() throws Exception {
    Outcome outcome = get("http://rewrite/api/a%2Fb?c=d%20e");

    assertAnsweredBy("rewrite-0", outcome);
    assertThat(last("rewrite").target()).isEqualTo("/inner/a%2Fb?c=d%20e");
    assertThat(last("rewrite").value("host")).hasValue("rewrite");
    assertThat(outcome.uri()).isIn("", "http://rewrite/api/a%2Fb?c=d%20e");
  }

  @Test
  default void aHostAndAWholePathAreRewritten() throws Exception {
    assertAnsweredBy("rewrite-0", get("http://rewrite/full/x?y"));

    assertThat(last("rewrite").target()).isEqualTo("/all?y");
    assertThat(last("rewrite").value("host")).hasValue("api.example.com");
  }

  @Test
  default void aPreflightIsAnsweredByTheMesh() throws Exception {
    Outcome outcome =
        send(
            Request.of("OPTIONS", "http://cors/")
                .header("Origin", "https://shop.example.com")
                .header("Access-Control-Request-Method", "PUT"));

    assertThat(outcome.status()).isBetween(200, 204);
    assertThat(outcome.value("access-control-allow-origin")).hasValue("https://shop.example.com");
    assertThat(outcome.value("access-control-allow-methods")).hasValue("PUT");
    assertThat(outcome.value("access-control-max-age")).hasValue("600");
    assertThat(outcome.value(Stories.REASON)).isEmpty();
    assertThat(backend("cors").received()).noneMatch(one -> one.line().startsWith("OPTIONS"));
  }

  @Test
  default void aPreflightOfAnotherOriginIsAnsweredWithoutPermission() throws Exception {
    Outcome outcome =
        send(
            Request.of("OPTIONS", "http://cors/")
                .header("Origin", "https://other.example.com")
                .header("Access-Control-Request-Method", "PUT"));

    assertThat(outcome.status()).isBetween(200, 204);
    assertThat(allowed(outcome)).isEmpty();
    assertThat(backend("cors").received()).noneMatch(one -> one.line().startsWith("OPTIONS"));
  }

  @Test
  default void anAllowedOriginMaySeeTheResponse() throws Exception {
    backend("cors").plays(Script.answer(200, "yes", "Access-Control-Allow-Origin", "*"));

    Outcome outcome =
        send(Request.get("http://cors/").header("Origin", "https://a.b.trusted.example"));

    assertThat(outcome.text()).isEqualTo("yes");
    assertThat(outcome.values("access-control-allow-origin"))
        .containsExactly("https://a.b.trusted.example");
    assertThat(outcome.value("access-control-allow-credentials")).hasValue("true");
    assertThat(outcome.value("access-control-expose-headers")).hasValue("x-cost");
    assertThat(outcome.value("vary")).hasValue("Origin");
  }

  @Test
  default void anotherOriginIsServedAndMayNotSeeTheResponse() throws Exception {
    backend("cors").plays(Script.answer(200, "yes", "Access-Control-Allow-Origin", "*"));

    Outcome outcome = send(Request.get("http://cors/").header("Origin", "https://trusted.example"));

    assertThat(outcome.text()).isEqualTo("yes");
    assertThat(allowed(outcome)).isEmpty();
  }

  private static List<String> allowed(Outcome outcome) {
    return outcome.headers().stream()
        .map(header -> header.name().toLowerCase(Locale.ROOT))
        .filter(name -> name.startsWith("access-control-"))
        .toList();
  }

  /** The newest request at a service of one endpoint. */
  private Received last(String service) {
    return backend(service).received().get(backend(service).received().size() - 1);
  }
}
