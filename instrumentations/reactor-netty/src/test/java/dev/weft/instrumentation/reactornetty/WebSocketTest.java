package dev.weft.instrumentation.reactornetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.testing.EchoSockets;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Woven;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.http.client.WebsocketClientSpec;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;
import reactor.netty.resources.ConnectionProvider;

@Timeout(60)
class WebSocketTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension static final Woven WOVEN = Woven.by(new ReactorNettyInstrumentation());

  private final FakeClientMesh mesh = new FakeClientMesh();
  private ConnectionProvider pool;
  private HttpClient client;
  private EchoSockets one;
  private EchoSockets two;

  @BeforeEach
  void start() throws IOException {
    Mesh.install(mesh, new FakeServerMesh());
    one = new EchoSockets();
    two = new EchoSockets();
    mesh.ports.add(one.port());
    pool = ConnectionProvider.builder("test").maxConnections(4).build();
    client = HttpClient.create(pool);
  }

  @AfterEach
  void stop() throws IOException {
    pool.disposeLater().block(PATIENCE);
    one.close();
    two.close();
  }

  @Test
  void handshakesGoToTheEndpointAndMessagesFollow() {
    String said = talk(client, "ws://pay:8080/chat?room=1", "hello");

    assertThat(said).isEqualTo("hello");
    assertThat(mesh.events).containsExactly("begin GET /chat?room=1", "end 101");
    assertThat(one.heads).hasSize(1);
    assertThat(one.heads.get(0).toLowerCase(Locale.ROOT))
        .startsWith("get /chat?room=1 http/1.1\r\n")
        .contains("host: pay:8080\r\n", "upgrade: websocket\r\n", "connection: upgrade\r\n");
    await().untilAsserted(() -> assertThat(one.open()).isZero());
  }

  @Test
  void theLibrarySeesTheUriThatTheApplicationWrote() {
    Connection socket = open("ws://pay:8080/chat");

    assertThat(((HttpClientResponse) socket).resourceUrl()).isEqualTo("ws://pay:8080/chat");
    assertThat(((HttpClientResponse) socket).status().code()).isEqualTo(101);
    socket.disposeNow(PATIENCE);
  }

  @Test
  void settingsOfTheSocketStayInForce() {
    WebsocketClientSpec spec =
        WebsocketClientSpec.builder().protocols("a,b").compress(true).build();

    String said =
        client
            .headers(headers -> headers.set("x-own", "1"))
            .websocket(spec)
            .uri("ws://pay/")
            .handle(
                (in, out) ->
                    talk(in, out, "hello").map(message -> message + in.selectedSubprotocol()))
            .blockLast(PATIENCE);

    assertThat(said).isEqualTo("helloa");

    assertThat(one.heads.get(0).toLowerCase(Locale.ROOT))
        .contains("sec-websocket-protocol: a,b\r\n", "permessage-deflate", "x-own: 1\r\n");
  }

  @Test
  void theApplicationIsAskedForItsPartOnce() throws Exception {
    mesh.ports.set(0, Servers.closedPort());
    mesh.ports.add(two.port());
    AtomicInteger asked = new AtomicInteger();

    client
        .websocket()
        .uri("ws://pay/")
        .send(
            request -> {
              asked.incrementAndGet();
              return Mono.empty();
            })
        .handle((in, out) -> out.sendClose())
        .blockLast(PATIENCE);

    assertThat(asked).hasValue(1);
    assertThat(mesh.events).containsExactly("begin GET /", "retry UNSENT", "end 101");
  }

  @Test
  void policySeesWhatTheLibraryWillAskFor() throws Exception {
    CompletableFuture<List<String>> seen = new CompletableFuture<>();
    mesh.asked =
        request ->
            seen.complete(
                List.of(
                    request.header("upgrade").get(0),
                    request.header("Sec-WebSocket-Version").get(0),
                    request.header("x-own").get(0),
                    request.method() + " " + request.host() + ":" + request.port(),
                    request.body().name()));

    talk(client.headers(headers -> headers.set("x-own", "1")), "ws://pay/", "hello");

    assertThat(seen.get(10, TimeUnit.SECONDS))
        .containsExactly("websocket", "13", "1", "GET pay:80", "NONE");
  }

  @Test
  void editsOfPolicyGoOverTheWire() {
    mesh.requestHeaders =
        List.of(
            new HeaderChange(HeaderChange.Kind.SET, "x-edited", "yes"),
            new HeaderChange(HeaderChange.Kind.REMOVE, "x-own", ""));
    mesh.target = new Target(Optional.of("pay-v2"), Optional.of("/v2/chat"));

    talk(client.headers(headers -> headers.set("x-own", "1")), "ws://pay/chat", "hello");

    assertThat(one.heads.get(0).toLowerCase(Locale.ROOT))
        .startsWith("get /v2/chat http/1.1\r\n")
        .contains("host: pay-v2\r\n", "x-edited: yes\r\n", "upgrade: websocket\r\n")
        .doesNotContain("x-own");
  }

  @Test
  void aRefusedConnectionLeadsToTheNextEndpoint() throws Exception {
    mesh.ports.set(0, Servers.closedPort());
    mesh.ports.add(two.port());

    assertThat(talk(client, "ws://pay/", "hello")).isEqualTo("hello");

    assertThat(mesh.events).containsExactly("begin GET /", "retry UNSENT", "end 101");
    assertThat(two.heads).hasSize(1);
  }

  @Test
  void whereEveryEndpointRefusesTheLibrarysOwnExceptionSurfaces() throws Exception {
    mesh.ports.set(0, Servers.closedPort());
    mesh.retries = 0;

    assertThat(failure("ws://pay/")).isInstanceOf(ConnectException.class);
    assertThat(mesh.events).hasSize(3).last().asString().startsWith("end ").contains("Connect");
  }

  @Test
  void anAnswerOfTheServerIsTheLibrarysOwnException() {
    assertThat(failure("ws://pay/403"))
        .isInstanceOf(WebSocketHandshakeException.class)
        .hasMessageContaining("403");
    assertThat(mesh.events).containsExactly("begin GET /403", "end 403");
    await().untilAsserted(() -> assertThat(one.open()).isZero());
  }

  @Test
  void anAnswerOfTheMeshIsTheLibrarysOwnException() {
    mesh.reply = new LocalReply(404, "NR", "test-rule", "no route");

    assertThat(failure("ws://pay/chat"))
        .isInstanceOf(WebSocketHandshakeException.class)
        .hasMessageContaining("404");
    assertThat(one.heads).isEmpty();
    assertThat(mesh.events).containsExactly("begin GET /chat", "end 0");
  }

  @Test
  void aRedirectOfTheMeshIsFollowedWhereTheApplicationFollows() {
    mesh.reply =
        new LocalReply(
            302,
            "",
            "test-rule",
            "",
            List.of(new HeaderField("Location", "ws://localhost:" + two.port() + "/landed")),
            Duration.ZERO);

    assertThat(failure("ws://pay/"))
        .isInstanceOf(WebSocketHandshakeException.class)
        .hasMessageContaining("302");
    assertThat(talk(client.followRedirect(true), "ws://pay/", "hello")).isEqualTo("hello");

    assertThat(two.heads.get(0)).startsWith("GET /landed ");
    assertThat(mesh.events).containsExactly("begin GET /", "end 0", "begin GET /", "end 0");
  }

  @Test
  void anAnswerThatPolicyRepeatsLeavesNoConnectionBehind() {
    mesh.retried = Set.of(503);
    mesh.ports.add(two.port());

    assertThat(failure("ws://pay/503")).hasMessageContaining("503");

    assertThat(mesh.events).containsExactly("begin GET /503", "drop 503", "drop 503", "end 503");
    await().untilAsserted(() -> assertThat(one.open() + two.open()).isZero());
  }

  @Test
  void theLimitOfTheRequestEndsAHandshakeThatTakesLonger() {
    mesh.timeout = Duration.ofMillis(300);

    assertThat(failure("ws://pay/silent")).isInstanceOf(ReadTimeoutException.class);
    assertThat(mesh.events).last().isEqualTo("end ReadTimeoutException");
    await().untilAsserted(() -> assertThat(one.open()).isZero());
  }

  @Test
  void theLimitOfTheRequestDoesNotEndAnOpenSocket() {
    mesh.timeout = Duration.ofMillis(500);
    Open open = new Open(open("ws://pay/"));

    // A handshake that began later has run into the same limit.
    assertThat(failure("ws://pay/silent")).isInstanceOf(ReadTimeoutException.class);

    assertThat(open.talk("still here")).isEqualTo("still here");
    open.socket.disposeNow(PATIENCE);
  }

  @Test
  void aCancelledHandshakeEndsAtTheServerToo() {
    Disposable opening = client.websocket().uri("ws://pay/silent").connect().subscribe();
    await().untilAsserted(() -> assertThat(one.heads).hasSize(1));

    opening.dispose();

    await().untilAsserted(() -> assertThat(one.open()).isZero());
    await().untilAsserted(() -> assertThat(mesh.events).last().isEqualTo("end 0"));
  }

  @Test
  void hostsOutsideTheMeshAreLeftToTheLibrary() {
    assertThat(talk(client, "ws://localhost:" + one.port() + "/", "hello")).isEqualTo("hello");

    assertThat(mesh.events).isEmpty();
  }

  @Test
  void socketsOverHttp2AreLeftToTheLibrary() {
    assertThatThrownBy(
            () ->
                client
                    .protocol(HttpProtocol.H2C)
                    .websocket()
                    .uri("ws://pay/")
                    .connect()
                    .block(PATIENCE))
        .isNotNull();

    assertThat(mesh.events).isEmpty();
  }

  private static String talk(HttpClient with, String uri, String message) {
    return with.websocket()
        .uri(uri)
        .handle((in, out) -> talk(in, out, message))
        .blockLast(PATIENCE);
  }

  private static Flux<String> talk(WebsocketInbound in, WebsocketOutbound out, String message) {
    return out.sendString(Mono.just(message)).then().thenMany(in.receive().asString().take(1));
  }

  private Connection open(String uri) {
    return client.websocket().uri(uri).connect().block(PATIENCE);
  }

  private Throwable failure(String uri) {
    Throwable thrown = catchThrowable(() -> open(uri).disposeNow(PATIENCE));
    assertThat(thrown).as("opened " + uri).isNotNull();
    return Exceptions.unwrap(thrown);
  }

  private record Open(Connection socket) {
    String talk(String message) {
      return WebSocketTest.talk((WebsocketInbound) socket, (WebsocketOutbound) socket, message)
          .blockLast(PATIENCE);
    }
  }
}
