package dev.weft.instrumentation.reactornetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.OtherVersion;
import dev.weft.instrumentation.testing.Weaver;
import dev.weft.instrumentation.testing.Woven;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.cookie.DefaultCookie;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.AttributeKey;
import io.netty.util.CharsetUtil;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import net.bytebuddy.asm.MemberRemoval;
import net.bytebuddy.matcher.ElementMatchers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.ByteBufMono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ProxyProvider;

@Timeout(60)
class ReactorNettyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension static final Woven WOVEN = Woven.by(new ReactorNettyInstrumentation());

  private final FakeClientMesh mesh = new FakeClientMesh();
  private final Servers servers = new Servers();
  private ConnectionProvider pool;
  private HttpClient client;
  private int one;
  private int two;

  @BeforeEach
  void start() throws Exception {
    Mesh.install(mesh, new FakeServerMesh());
    one = servers.start("one");
    two = servers.start("two");
    mesh.ports.add(one);
    pool = ConnectionProvider.builder("test").maxConnections(4).build();
    client = HttpClient.create(pool).baseUrl("http://pay:8080");
  }

  @AfterEach
  void stop() throws Exception {
    pool.disposeLater().block(PATIENCE);
    servers.close();
  }

  private String get(String path) {
    return text(client.get().uri(path));
  }

  private static String text(HttpClient.ResponseReceiver<?> request) {
    return request.responseContent().aggregate().asString().block(PATIENCE);
  }

  /** The body, and with it the response's head. */
  private static String text(
      HttpClient.ResponseReceiver<?> request, AtomicReference<HttpClientResponse> seen) {
    return request
        .responseSingle(
            (response, content) -> {
              seen.set(response);
              return content.asString();
            })
        .block(PATIENCE);
  }

  private static String post(HttpClient client, String path, String body) {
    return text(client.post().uri(path).send(ByteBufMono.fromString(Mono.just(body))));
  }

  private HttpClientResponse response(HttpClient.ResponseReceiver<?> request) {
    return request.response().block(PATIENCE);
  }

  private void ended(String... events) {
    await().untilAsserted(() -> assertThat(mesh.events).containsExactly(events));
  }

  @Test
  void everyWovenMethodExists() {
    assertThat(Weaver.unmatched(new ReactorNettyInstrumentation(), getClass().getClassLoader()))
        .isEmpty();
  }

  @Test
  void theVersionUnderTestIsTheOneThatIsClaimed() {
    assertThat(HttpClient.class.getProtectionDomain().getCodeSource().getLocation().toString())
        .contains(
            "reactor-netty-http-" + System.getProperty("weft.reactor-netty.version") + ".jar");
  }

  @Test
  void aMissingMemberIsNoticedAndNamesItsHook() {
    String handler = "reactor.netty.http.client.HttpClientConnect$HttpClientHandler";
    ClassLoader older =
        OtherVersion.of(
            getClass().getClassLoader(),
            handler,
            type ->
                type.visit(
                    new MemberRemoval()
                        .stripMethods(ElementMatchers.namedOneOf("test", "requestWithBody"))));

    assertThat(Weaver.unmatched(new ReactorNettyInstrumentation(), older))
        .containsExactly(handler + ": " + RepeatAdvice.class.getName());
    assertThat(Weaver.missing(new ReactorNettyInstrumentation(), older))
        .singleElement()
        .asString()
        .startsWith("no method org.reactivestreams.Publisher " + handler + ".requestWithBody(");
  }

  @Test
  void dialsTheEndpointAndKeepsTheLogicalHost() {
    HttpClientResponse response = response(client.get().uri("/a?b=c"));

    assertThat(response.status().code()).isEqualTo(200);
    assertThat(response.resourceUrl()).isEqualTo("http://pay:8080/a?b=c");
    assertThat(response.requestHeaders().get("Host")).isEqualTo("pay:8080");
    ended("begin GET /a?b=c", "end 200");
    assertThat(get("/a?b=c")).startsWith("one GET /a?b=c host=pay:8080 trace=null");
  }

  @Test
  void theMeshSeesTheSameRequestWithAndWithoutACallbackThatWritesIt() {
    List<String> seen = new CopyOnWriteArrayList<>();
    mesh.asked =
        request -> {
          request.eachHeader((name, value) -> seen.add(name + "=" + value));
          for (String name : List.of("User-Agent", "HOST", "accept", "X-Own", "x-none")) {
            seen.add(name + ": " + request.header(name));
          }
          seen.add(request.method() + " " + request.host() + ":" + request.port());
          seen.add(request.pathAndQuery() + " " + request.body());
        };
    HttpClient own = client.headers(headers -> headers.set("X-Own", "a").add("X-Own", "b"));
    HttpClient chosen = own.headers(headers -> headers.set("Accept", "text/plain"));
    for (HttpClient each : List.of(client, own, chosen)) {
      seen.clear();
      text(each.get().uri("/a?b=c"));
      List<String> configured = List.copyOf(seen);
      seen.clear();
      text(each.request(HttpMethod.GET).uri("/a?b=c").send((request, outbound) -> outbound));

      assertThat(configured).containsExactlyElementsOf(withoutLength(seen)).isNotEmpty();
    }
  }

  /** What the library adds while it writes, in some versions. */
  private static List<String> withoutLength(List<String> seen) {
    return seen.stream().filter(each -> !each.startsWith("content-length=")).toList();
  }

  @Test
  void leavesOtherHostsAlone() {
    assertThat(text(client.get().uri("http://127.0.0.1:" + two + "/x"))).startsWith("two GET /x ");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void leavesRequestsAloneForWhichTheApplicationChoseAProxy() {
    HttpClient proxied =
        client.proxy(spec -> spec.type(ProxyProvider.Proxy.HTTP).host("127.0.0.1").port(one));

    // The proxy is asked for a tunnel, which this one does not give.
    assertThatThrownBy(() -> text(proxied.get().uri("/"))).isNotNull();
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void aHostThatTheProxyIsNotForIsTheMeshs() {
    HttpClient proxied =
        client.proxy(
            spec ->
                spec.type(ProxyProvider.Proxy.HTTP)
                    .host("127.0.0.1")
                    .port(two)
                    .nonProxyHosts("pay"));

    assertThat(text(proxied.get().uri("/"))).startsWith("one ");
  }

  @Test
  void leavesTlsOfTheApplicationAlone() {
    assertThatThrownBy(() -> text(client.get().uri("https://pay:" + one + "/"))).isNotNull();
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void knowsAHostThatIsConfiguredAsAnAddress() {
    HttpClient addressed = HttpClient.create(pool).host("pay").port(80);

    assertThat(text(addressed.get().uri("/x"))).startsWith("one GET /x host=pay ");
  }

  @Test
  void reusesConnectionsPerEndpointAndNeverMixesThem() {
    mesh.ports.add(two);
    for (int i = 0; i < 20; i++) {
      assertThat(get("/")).startsWith("one ");
    }
    mesh.ports.remove(0);
    for (int i = 0; i < 20; i++) {
      assertThat(get("/")).startsWith("two ");
    }

    // A connection is the pool's again a moment after its response is the caller's.
    assertThat(servers.connections).hasSizeLessThanOrEqualTo(8);
  }

  @Test
  void editsHeadersOnTheWireAndInTheResponseOnly() {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"));
    mesh.responseHeaders =
        List.of(
            new HeaderChange(HeaderChange.Kind.REMOVE, "server-name", ""),
            new HeaderChange(HeaderChange.Kind.ADD, "x-added", "1"));
    AtomicReference<HttpClientResponse> seen = new AtomicReference<>();

    String body = text(client.get().uri("/"), seen);

    assertThat(body).contains(" host=pay:8080 trace=00-abc ");
    assertThat(seen.get().responseHeaders().get("Server-Name")).isNull();
    assertThat(seen.get().responseHeaders().get("x-added")).isEqualTo("1");
    assertThat(seen.get().requestHeaders().contains("traceparent")).isFalse();
  }

  @Test
  void keepsTheCaseOfHeaderNames() throws Exception {
    StringBuffer head = new StringBuffer();
    mesh.ports.set(0, servers.keeping(head));
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.ADD, "X-FroM-Mesh", "1"));

    response(client.headers(headers -> headers.set("X-My-hEADER", "a")).get().uri("/"));

    assertThat(head.toString())
        .contains("\r\nX-My-hEADER: a\r\n")
        .contains("\r\nX-FroM-Mesh: 1\r\n");
  }

  @Test
  void theWireCarriesWhatItWouldWithoutTheMesh() throws Exception {
    StringBuffer meshed = new StringBuffer();
    StringBuffer plain = new StringBuffer();
    mesh.ports.set(0, servers.keeping(meshed));
    String direct = "http://127.0.0.1:" + servers.keeping(plain) + "/x";
    for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE)) {
      HttpClient.RequestSender toMesh = client.request(method).uri("/x");
      HttpClient.RequestSender past = client.request(method).uri(direct);
      response(toMesh);
      response(past);
      response(toMesh.send(ByteBufMono.fromString(Mono.just("body"))));
      response(past.send(ByteBufMono.fromString(Mono.just("body"))));
      response(toMesh.send((request, out) -> out.then()));
      response(past.send((request, out) -> out.then()));
      response(toMesh.send(ByteBufFlux.fromString(Flux.just("bo", "dy"))));
      response(past.send(ByteBufFlux.fromString(Flux.just("bo", "dy"))));
    }

    assertThat(lines(meshed)).isEqualTo(lines(plain));
  }

  /** Lines without the one that must differ; the order of headers means nothing. */
  private static List<Set<String>> lines(StringBuffer heads) {
    List<Set<String>> lines = new ArrayList<>();
    for (String head : heads.toString().split("\r\n\r\n")) {
      lines.add(
          head.lines()
              .filter(line -> !line.startsWith("host:"))
              .collect(Collectors.toCollection(java.util.TreeSet::new)));
    }
    return lines;
  }

  @Test
  void asksForAnotherTargetOnTheWireOnly() {
    mesh.target = new Target(Optional.of("inner.test"), Optional.of("/rewritten?q"));

    HttpClientResponse response = response(client.get().uri("/a"));

    assertThat(get("/a")).startsWith("one GET /rewritten?q host=inner.test ");
    assertThat(response.resourceUrl()).isEqualTo("http://pay:8080/a");
    assertThat(response.requestHeaders().get("Host")).isEqualTo("pay:8080");
  }

  @Test
  void repliesLocally() {
    mesh.reply = new LocalReply(503, "UH", "HTTPRoute default/pay", "no endpoint");
    List<String> seen = new CopyOnWriteArrayList<>();

    String body =
        client
            .get()
            .uri("/")
            .responseSingle(
                (response, content) -> {
                  seen.add(response.status().toString());
                  seen.add(response.responseHeaders().get("x-weft-reason"));
                  return content.asString();
                })
            .block(PATIENCE);

    assertThat(body).isEqualTo("no endpoint\n");
    assertThat(seen).containsExactly("503 Service Unavailable", "UH; HTTPRoute default/pay");
    assertThat(mesh.events).containsExactly("begin GET /", "end 0");
    assertThat(servers.connections).isEmpty();
  }

  @Test
  void aLocalReplyToHeadHasNoBody() {
    mesh.reply = new LocalReply(403, "UAEX", "rule", "not you");

    HttpClientResponse response = response(client.head().uri("/"));

    assertThat(response.status().code()).isEqualTo(403);
    assertThat(response.responseHeaders().get("Content-Length")).isEqualTo("8");
  }

  @Test
  void aRedirectOfTheMeshIsFollowedLikeAServers() {
    mesh.reply =
        new LocalReply(
            302,
            "",
            "rule",
            "",
            List.of(
                new dev.weft.instrumentation.HeaderField(
                    "Location", "http://127.0.0.1:" + two + "/moved")),
            Duration.ZERO);

    assertThat(text(client.followRedirect(true).get().uri("/"))).startsWith("two GET /moved ");
  }

  @Test
  void followsRedirectsAsRequestsOfTheirOwn() {
    HttpClient following = client.followRedirect(true);
    AtomicReference<HttpClientResponse> seen = new AtomicReference<>();

    String body = text(following.get().uri("/redirect"), seen);

    assertThat(body).startsWith("one GET /landed host=pay:8080 ");
    assertThat(seen.get().resourceUrl()).isEqualTo("http://pay:8080/landed");
    assertThat(seen.get().redirectedFrom()).containsExactly("http://pay:8080/redirect");
    ended("begin GET /redirect", "end 302", "begin GET /landed", "end 200");
  }

  @Test
  void aRedirectOutOfTheMeshLeavesCookiesBehind() {
    String elsewhere = "http://127.0.0.1:" + two + "/out";

    String body =
        text(
            client
                .followRedirect(true)
                .cookie(new DefaultCookie("session", "secret"))
                .get()
                .uri("/elsewhere?" + elsewhere));

    assertThat(body).startsWith("two GET /out ").contains(" cookie=null ");
    assertThat(mesh.events).startsWith("begin GET /elsewhere?" + elsewhere).hasSize(2);
  }

  @Test
  void aRedirectBackIntoTheMeshIsTheMeshsAgain() {
    assertThat(text(client.followRedirect(true).get().uri("/elsewhere?http://PAY/back")))
        .startsWith("one GET /back host=PAY ");
    ended("begin GET /elsewhere?http://PAY/back", "end 302", "begin GET /back", "end 200");
  }

  @Test
  void redirectsAreTheApplicationsWithoutFollowing() {
    assertThat(response(client.get().uri("/redirect")).status().code()).isEqualTo(302);
  }

  @Test
  void repeatsAnUnsentPostOnAnotherEndpoint() throws Exception {
    mesh.ports.add(0, Servers.closedPort());

    assertThat(post(client, "/x", "money")).startsWith("one POST /x ").endsWith(" body=money");
    ended("begin POST /x", "retry UNSENT", "end 200");
  }

  @Test
  void repeatsAnUnsentStreamWhoseSourceWasNotAsked() throws Exception {
    mesh.ports.add(0, Servers.closedPort());
    AtomicInteger subscriptions = new AtomicInteger();
    Flux<String> source =
        Flux.just("mo", "ney").doOnSubscribe(s -> subscriptions.incrementAndGet());

    String body = text(client.post().uri("/x").send(ByteBufFlux.fromString(source)));

    assertThat(body).startsWith("one POST /x ").endsWith(" body=money");
    assertThat(subscriptions).hasValue(1);
    ended("begin POST /x", "retry UNSENT", "end 200");
  }

  @Test
  void repeatsAGetWhoseConnectionDiedBeforeTheAnswer() throws Exception {
    mesh.ports.add(0, servers.dying());

    assertThat(get("/")).startsWith("one ");
    ended("begin GET /", "retry SENT", "end 200");
  }

  @Test
  void neverRepeatsAPostThatWasSent() throws Exception {
    mesh.ports.add(0, servers.dying());

    assertThatThrownBy(() -> post(client, "/x", "money"))
        .hasRootCauseInstanceOf(java.io.IOException.class);
    assertThat(mesh.events).startsWith("begin POST /x", "retry SENT").hasSize(3);
  }

  @Test
  void surfacesTheLibrarysOwnExceptionWhenItGivesUp() throws Exception {
    mesh.ports.set(0, Servers.closedPort());

    assertThatThrownBy(() -> get("/")).hasCauseInstanceOf(ConnectException.class);
    assertThat(mesh.events).hasSize(5).endsWith("end AnnotatedConnectException");
  }

  @Test
  void aConnectionThatItsServerClosedWhileIdleCostsNoError() throws Exception {
    mesh.ports.set(0, servers.forgetful());
    for (int i = 0; i < 20; i++) {
      assertThat(get("/")).isEqualTo("ok");
    }
  }

  @Test
  void repeatsByStatusAndReadsAShortBodyToItsEnd() {
    mesh.retried = Set.of(503);
    mesh.ports.add(two);
    for (int i = 0; i < 20; i++) {
      assertThat(post(client, "/503-at-one", "money"))
          .startsWith("two POST ")
          .endsWith(" body=money");
    }

    await().untilAsserted(() -> assertThat(mesh.events).hasSize(60));
    assertThat(mesh.events).startsWith("begin POST /503-at-one", "drop 503");
    assertThat(servers.connections).hasSizeLessThanOrEqualTo(8);
  }

  @Test
  void theMeshAnswersInPlaceOfAResponseThatMayNotBeRepeated() {
    mesh.retried = Set.of(503);
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");

    assertThat(post(client, "/503-at-one", "money")).isEqualTo("spent\n");
    ended("begin POST /503-at-one", "drop 503", "end 503");
  }

  @Test
  void theMeshAnswersInPlaceOfAFailureThatMayNotBeRepeated() throws Exception {
    mesh.ports.set(0, Servers.closedPort());
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");

    assertThat(get("/")).isEqualTo("spent\n");
    ended("begin GET /", "retry UNSENT", "end 503");
  }

  @Test
  void aLongBodyOfADroppedResponseEndsItsConnectionAndLeaksNone() {
    mesh.retried = Set.of(503);
    mesh.ports.add(two);
    // More than the pool has.
    for (int i = 0; i < 6; i++) {
      assertThat(get("/503-at-one-long")).startsWith("two ");
    }
  }

  @Test
  void aResponseThatIsToBeRepeatedIsNotFollowed() {
    mesh.retried = Set.of(302);
    mesh.retries = 1;

    assertThat(text(client.followRedirect(true).get().uri("/redirect")))
        .startsWith("one GET /landed");
    ended("begin GET /redirect", "drop 302", "end 302", "begin GET /landed", "end 200");
  }

  @Test
  void anUnansweredAttemptIsRacedAndItsConnectionClosedWhenItLoses() throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    mesh.ports.add(0, servers.silent(ended));
    mesh.hedgeDelay = Duration.ofMillis(20);

    assertThat(get("/x")).startsWith("one ");

    ended.get(10, TimeUnit.SECONDS);
    await().until(() -> mesh.events.contains("end 200"));
    assertThat(mesh.events).startsWith("begin GET /x", "hedge");
  }

  @Test
  void aBodyIsSentByEachRival() throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    mesh.ports.add(0, servers.silent(ended));
    mesh.hedgeDelay = Duration.ofMillis(20);

    assertThat(post(client, "/x", "money")).startsWith("one ").endsWith(" body=money");

    ended.get(10, TimeUnit.SECONDS);
  }

  @Test
  void anAttemptThatIsAnsweredInTimeIsNotRaced() {
    mesh.ports.add(two);
    mesh.hedgeDelay = Duration.ofSeconds(20);

    assertThat(get("/x")).startsWith("one ");
    ended("begin GET /x", "end 200");
  }

  @Test
  void theFirstAttemptMayWinAgainstARivalThatFails() throws Exception {
    mesh.ports.add(Servers.closedPort());
    mesh.hedgeDelay = Duration.ofMillis(1);
    CompletableFuture<String> sent =
        client.get().uri("/slow").responseContent().aggregate().asString().toFuture();

    await().until(() -> mesh.events.contains("leave UNSENT"));
    servers.release.countDown();

    assertThat(sent.get(10, TimeUnit.SECONDS)).startsWith("one ");
    ended("begin GET /slow", "hedge", "leave UNSENT", "end 200");
  }

  @Test
  void toCancelARaceIsToCancelAllItsAttempts() throws Exception {
    List<CompletableFuture<Void>> ended =
        List.of(new CompletableFuture<>(), new CompletableFuture<>());
    mesh.ports.set(0, servers.silent(ended.get(0)));
    mesh.ports.add(servers.silent(ended.get(1)));
    mesh.hedgeDelay = Duration.ofMillis(1);
    Disposable request = client.get().uri("/x").responseContent().aggregate().subscribe();
    await().until(() -> servers.slow.get() == 2);

    request.dispose();

    for (CompletableFuture<Void> end : ended) {
      end.get(10, TimeUnit.SECONDS);
    }
    ended("begin GET /x", "hedge", "end 0");
  }

  @Test
  void neverRepeatsAStreamByStatus() {
    mesh.retried = Set.of(503);
    mesh.ports.add(two);

    HttpClientResponse response =
        response(
            client.post().uri("/503-at-one").send(ByteBufFlux.fromString(Flux.just("a", "b"))));

    assertThat(response.status().code()).isEqualTo(503);
  }

  @Test
  void aBodyThatIsTooLongToBeKeptIsSentOnce() {
    mesh.retried = Set.of(503);
    mesh.ports.add(two);
    String tooLong = "x".repeat(70_000);

    assertThat(post(client, "/503-at-one", tooLong)).startsWith("one ").hasSizeGreaterThan(70_000);
  }

  @Test
  void aBodyInManyPartsArrivesWhole() {
    String part = "0123456789".repeat(1000);

    String body =
        text(
            client.post().uri("/").send(ByteBufFlux.fromString(Flux.range(0, 500).map(i -> part))));

    assertThat(body).endsWith(" body=" + part.repeat(500));
  }

  @Test
  void asksTheApplicationForItsBodyOnce() throws Exception {
    mesh.ports.add(0, Servers.closedPort());
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger subscribed = new AtomicInteger();

    String body =
        text(
            client
                .post()
                .uri("/")
                .send(
                    (request, out) -> {
                      asked.incrementAndGet();
                      return out.sendString(
                          Mono.fromSupplier(() -> "n" + subscribed.incrementAndGet()));
                    }));

    assertThat(body).startsWith("one ").endsWith(" body=n1");
    assertThat(asked).hasValue(1);
  }

  /** Spring's {@code WebClient} sets its headers when it is subscribed to, not when it is asked. */
  @Test
  void seesAndSendsWhatIsSetAtTheLastMoment() {
    AttributeKey<String> key = AttributeKey.valueOf("last-moment");
    AtomicReference<String> attribute = new AtomicReference<>();

    String body =
        text(
            client
                .doOnRequest((request, connection) -> request.header("x-tester", "before"))
                .doAfterRequest(
                    (request, connection) -> attribute.set(connection.channel().attr(key).get()))
                .post()
                .uri("/")
                .send(
                    (request, out) ->
                        Flux.concat(
                            Mono.<Void>fromRunnable(
                                () -> {
                                  request.header("x-tester", "yes");
                                  request.addCookie(new DefaultCookie("a", "b"));
                                  out.withConnection(c -> c.channel().attr(key).set("kept"));
                                }),
                            out.send(ByteBufMono.fromString(Mono.just("late"))).then())));

    assertThat(body).contains(" tester=yes cookie=a=b body=late");
    assertThat(attribute).hasValue("kept");
  }

  @Test
  void whatDoOnRequestAddsIsSent() {
    String body =
        text(
            client
                .doOnRequest((request, connection) -> request.header("x-tester", "added"))
                .get()
                .uri("/"));

    assertThat(body).contains(" tester=added ");
  }

  @Test
  void sendsForms() {
    String body =
        text(
            client
                .post()
                .uri("/")
                .sendForm((request, form) -> form.multipart(false).attr("a", "1").attr("b", "2")));

    assertThat(body).endsWith(" body=a=1&b=2");
  }

  @Test
  void sendsMultipartForms() {
    String body =
        text(
            client
                .post()
                .uri("/")
                .sendForm((request, form) -> form.multipart(true).attr("a", "1".repeat(20_000))));

    assertThat(body).contains("1".repeat(20_000)).contains("form-data; name=\"a\"");
  }

  @Test
  void sendsFiles() throws Exception {
    java.nio.file.Path file = java.nio.file.Files.createTempFile("weft", ".txt");
    try {
      java.nio.file.Files.writeString(file, "in a file".repeat(1000));

      String body = text(client.post().uri("/").send((request, out) -> out.sendFile(file)));

      assertThat(body).endsWith(" body=" + "in a file".repeat(1000));
    } finally {
      java.nio.file.Files.delete(file);
    }
  }

  @Test
  void theApplicationsOwnFailureToWriteIsItsOwn() {
    assertThatThrownBy(
            () ->
                text(
                    client
                        .post()
                        .uri("/")
                        .send(
                            (request, out) ->
                                out.send(Mono.error(new IllegalStateException("no body"))))))
        .hasMessage("no body");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void aStreamThatFailsHalfwayFailsTheRequest() {
    Flux<String> failing =
        Flux.just("a", "b").concatWith(Mono.error(new IllegalStateException("half")));

    assertThatThrownBy(() -> text(client.post().uri("/").send(ByteBufFlux.fromString(failing))))
        .hasMessage("half");
    ended("begin POST /", "retry SENT", "end IllegalStateException");
  }

  @Test
  void waitsBeforeItSends() {
    mesh.pause = Duration.ofMillis(150);
    long start = System.nanoTime();

    assertThat(get("/")).startsWith("one ");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(mesh.pause);
  }

  @Test
  void endsWithTheRulesTimeout() {
    mesh.timeout = Duration.ofMillis(300);

    assertThatThrownBy(() -> get("/slow"))
        .isInstanceOf(ReadTimeoutException.class)
        .satisfies(e -> assertThat(message(e)).contains("test-rule"));
    assertThat(mesh.events).endsWith("end ReadTimeoutException");
  }

  @Test
  void theRulesTimeoutBoundsTheBodyToo() {
    mesh.timeout = Duration.ofMillis(300);

    assertThatThrownBy(() -> get("/slow-body"))
        .satisfies(e -> assertThat(message(e)).contains("test-rule"));
    ended("begin GET /slow-body", "end 200");
  }

  /** Not every version of Netty has a timeout with a message; then it is the cause's. */
  private static String message(Throwable e) {
    Throwable timeout = e instanceof ReadTimeoutException ? e : e.getCause();
    return timeout.getMessage() != null ? timeout.getMessage() : timeout.getCause().getMessage();
  }

  @Test
  void keepsTheApplicationsOwnTimeouts() {
    mesh.retries = 0;

    assertThatThrownBy(
            () -> text(client.responseTimeout(Duration.ofMillis(200)).get().uri("/slow")))
        .isInstanceOf(ReadTimeoutException.class)
        .satisfies(e -> assertThat(e.getMessage()).isNull());
    assertThatThrownBy(
            () ->
                text(
                    client
                        .request(HttpMethod.GET)
                        .uri("/slow")
                        .send(
                            (request, out) -> {
                              request.responseTimeout(Duration.ofMillis(200));
                              return out;
                            })))
        .isInstanceOf(ReadTimeoutException.class);
  }

  /** What the library throws when it is to dial does not vanish on its event loop. */
  @Test
  void aClientWhoseResourcesAreGoneFailsAndEndsTheExchange() {
    LoopResources loops = LoopResources.create("gone", 1, true);
    assertThat(text(pooled("before").runOn(loops).get().uri("/"))).startsWith("one ");
    loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(PATIENCE);

    assertThatThrownBy(() -> text(pooled("after").runOn(loops).get().uri("/")))
        .isNotInstanceOf(IllegalStateException.class);
    assertThat(mesh.events.stream().filter(event -> event.startsWith("begin")).count())
        .isEqualTo(mesh.events.stream().filter(event -> event.startsWith("end")).count());
  }

  /**
   * With a pool of its own: a connection that it holds of an event loop that has ended can neither
   * be used nor closed, and the library may wait for it.
   */
  private static HttpClient pooled(String name) {
    return HttpClient.create(ConnectionProvider.create(name, 4)).baseUrl("http://pay:8080");
  }

  @Test
  void cancellingEndsTheExchangeAndItsConnection() {
    Disposable request = client.get().uri("/slow").responseContent().aggregate().subscribe();
    await().until(() -> servers.slow.get() == 1);

    request.dispose();

    ended("begin GET /slow", "end 0");
  }

  @Test
  void cancellingDuringThePauseSendsNothing() {
    mesh.pause = Duration.ofSeconds(30);
    Disposable request = client.get().uri("/").responseContent().aggregate().subscribe();
    await().until(() -> mesh.events.size() == 1);

    request.dispose();

    ended("begin GET /", "end 0");
    assertThat(servers.connections).isEmpty();
  }

  @Test
  void abandoningTheBodyEndsTheExchange() {
    String first =
        client
            .get()
            .uri("/slow-body")
            .responseContent()
            .asString(CharsetUtil.UTF_8)
            .blockFirst(PATIENCE);

    assertThat(first).isEqualTo("x");
    ended("begin GET /slow-body", "end 200");
  }

  @Test
  void anErrorOfTheApplicationsReceiverIsItsOwnAndLeaksNothing() {
    for (int i = 0; i < 6; i++) {
      assertThatThrownBy(
              () ->
                  client
                      .get()
                      .uri("/")
                      .responseSingle(
                          (response, content) -> Mono.error(new IllegalStateException("mine")))
                      .block(PATIENCE))
          .hasMessage("mine");
    }
    await().untilAsserted(() -> assertThat(mesh.events).hasSize(12).contains("end 200"));
  }

  @Test
  void theApplicationsContextReachesItsWriter() {
    AtomicReference<String> seen = new AtomicReference<>();

    client
        .request(HttpMethod.GET)
        .uri("/")
        .send(
            (request, out) -> {
              seen.set(request.currentContextView().get("key"));
              return out;
            })
        .response()
        .contextWrite(context -> context.put("key", "value"))
        .block(PATIENCE);

    assertThat(seen).hasValue("value");
  }

  @Test
  void theApplicationsHeadersStayAsTheyAre() {
    DefaultHttpHeaders own = new DefaultHttpHeaders();
    own.set("x-tester", "mine");
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "x-tester", "mesh"));
    AtomicReference<HttpClientRequest> written = new AtomicReference<>();

    String body =
        text(
            client
                .headers(headers -> headers.set(own))
                .request(HttpMethod.GET)
                .uri("/")
                .send(
                    (request, out) -> {
                      written.set(request);
                      return out;
                    }));

    assertThat(body).contains(" tester=mesh ");
    assertThat(written.get().requestHeaders().get("x-tester")).isEqualTo("mine");
  }

  @Test
  void manyRequestsAtOnceShareThePool() {
    List<String> bodies =
        Flux.range(0, 200)
            .flatMap(
                i ->
                    client
                        .get()
                        .uri("/" + i)
                        .responseSingle((response, content) -> content.asString()),
                8)
            .collectList()
            .block(PATIENCE);

    assertThat(bodies).hasSize(200).allMatch(body -> body.startsWith("one GET /"));
    await().untilAsserted(() -> assertThat(mesh.events).hasSize(400));
    assertThat(servers.connections).hasSizeLessThanOrEqualTo(4);
  }
}
