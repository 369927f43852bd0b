package dev.weft.instrumentation.javanethttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(30)
class WebSocketTest {
  @RegisterExtension static final Woven WOVEN = Woven.by(new JavaNetHttpInstrumentation());

  private final FakeClientMesh mesh = new FakeClientMesh();
  private final HttpClient client = HttpClient.newHttpClient();
  private EchoSockets one;
  private EchoSockets two;

  @BeforeEach
  void start() throws IOException {
    Mesh.install(mesh, new FakeServerMesh());
    one = new EchoSockets();
    two = new EchoSockets();
    mesh.ports.add(one.port());
  }

  @AfterEach
  void stop() throws IOException {
    one.close();
    two.close();
  }

  @Test
  void handshakesGoToTheEndpointAndMessagesFollow() throws Exception {
    Heard heard = new Heard();

    WebSocket socket = open("ws://pay:8080/chat?room=1", heard);
    socket.sendText("hello", true).join();

    await().untilAsserted(() -> assertThat(heard.said).containsExactly("hello"));
    assertThat(mesh.events).containsExactly("begin GET /chat?room=1", "end 101");
    assertThat(one.heads).hasSize(1);
    assertThat(one.heads.get(0))
        .startsWith("GET /chat?room=1 HTTP/1.1\r\n")
        .contains("Host: pay:8080\r\n", "Upgrade: websocket\r\n", "Connection: Upgrade\r\n");
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
    assertThat(heard.closed.join()).isEqualTo(WebSocket.NORMAL_CLOSURE);
    await().untilAsserted(() -> assertThat(one.open()).isZero());
    assertThat(mesh.events).last().isEqualTo("end 101");
  }

  @Test
  void theServerChoosesTheSubprotocol() {
    WebSocket.Builder builder = client.newWebSocketBuilder().subprotocols("a", "b");

    WebSocket socket = builder.buildAsync(URI.create("ws://pay/"), new Heard()).join();

    assertThat(socket.getSubprotocol()).isEqualTo("a");
    assertThat(one.heads.get(0)).contains("Sec-WebSocket-Protocol: a, b\r\n");
    socket.abort();
  }

  @Test
  void policySeesWhatTheClientWillAskFor() {
    CompletableFuture<List<String>> seen = new CompletableFuture<>();
    mesh.asked =
        request ->
            seen.complete(
                List.of(
                    request.header("upgrade").get(0),
                    request.header("Connection").get(0),
                    request.header("Sec-WebSocket-Version").get(0),
                    request.method() + " " + request.host() + ":" + request.port()));

    open("ws://pay/", new Heard()).abort();

    assertThat(seen.join()).containsExactly("websocket", "Upgrade", "13", "GET pay:80");
  }

  @Test
  void editsOfPolicyGoOverTheWire() {
    mesh.requestHeaders =
        List.of(
            new HeaderChange(HeaderChange.Kind.SET, "x-edited", "yes"),
            new HeaderChange(HeaderChange.Kind.REMOVE, "x-own", ""));
    mesh.target = new Target(Optional.of("pay-v2"), Optional.of("/v2/chat"));

    client
        .newWebSocketBuilder()
        .header("x-own", "1")
        .buildAsync(URI.create("ws://pay/chat"), new Heard())
        .join()
        .abort();

    assertThat(one.heads.get(0))
        .startsWith("GET /v2/chat HTTP/1.1\r\n")
        .contains("Host: pay-v2\r\n", "x-edited: yes\r\n", "Upgrade: websocket\r\n")
        .doesNotContain("x-own");
  }

  @Test
  void aRefusedConnectionLeadsToTheNextEndpoint() throws Exception {
    mesh.ports.set(0, closedPort());
    mesh.ports.add(two.port());

    open("ws://pay/", new Heard()).abort();

    assertThat(mesh.events).containsExactly("begin GET /", "retry UNSENT", "end 101");
    assertThat(two.heads).hasSize(1);
  }

  @Test
  void whereEveryEndpointRefusesTheClientsOwnExceptionSurfaces() throws Exception {
    mesh.ports.set(0, closedPort());
    mesh.retries = 0;

    assertThat(failure("ws://pay/")).isInstanceOf(ConnectException.class);
    assertThat(mesh.events).last().isEqualTo("end ConnectException");
  }

  @Test
  void anAnswerOfTheServerIsTheClientsOwnHandshakeException() {
    mesh.responseHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "x-edited", "yes"));

    HttpResponse<?> response = refusal("ws://pay/403");

    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.body()).isEqualTo("busy");
    assertThat(response.headers().firstValue("server-name")).hasValue("echo");
    assertThat(response.headers().firstValue("x-edited")).hasValue("yes");
    assertThat(response.uri()).isEqualTo(URI.create("http://pay/403"));
    assertThat(response).isEqualTo(response).hasToString("(GET http://pay/403) 403");
    assertThat(mesh.events).containsExactly("begin GET /403", "end 403");
    await().untilAsserted(() -> assertThat(one.open()).isZero());
  }

  @Test
  void anAnswerOfTheMeshIsTheClientsOwnHandshakeException() {
    mesh.reply = new LocalReply(404, "NR", "test-rule", "no route");

    HttpResponse<?> response = refusal("ws://pay/chat");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("x-weft-reason")).hasValue("NR; test-rule");
    assertThat(response.body()).isEqualTo("no route\n");
    assertThat(one.heads).isEmpty();
    assertThat(mesh.events).containsExactly("begin GET /chat", "end 0");
  }

  @Test
  void aRedirectOfTheMeshIsNotFollowed() {
    mesh.reply =
        new LocalReply(
            302,
            "",
            "test-rule",
            "",
            List.of(new HeaderField("Location", "http://pay/elsewhere")),
            Duration.ZERO);
    HttpClient following =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build();

    assertThatThrownBy(
            () ->
                following
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://pay/"), new Heard())
                    .join())
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            e -> assertThat(e.getResponse().statusCode()).isEqualTo(302));
  }

  @Test
  void anAnswerThatPolicyRepeatsLeavesNoConnectionBehind() {
    mesh.retried = Set.of(503);
    mesh.ports.add(two.port());

    assertThat(refusal("ws://pay/503").statusCode()).isEqualTo(503);

    assertThat(mesh.events).containsExactly("begin GET /503", "drop 503", "drop 503", "end 503");
    await().untilAsserted(() -> assertThat(one.open() + two.open()).isZero());
  }

  @Test
  void theLimitOfTheRequestEndsAHandshakeThatTakesLonger() {
    mesh.timeout = Duration.ofMillis(300);

    assertThat(failure("ws://pay/silent"))
        .isInstanceOf(HttpTimeoutException.class)
        .hasMessage("request timed out: UT; test-rule");
    assertThat(mesh.events).last().isEqualTo("end HttpTimeoutException");
    await().untilAsserted(() -> assertThat(one.open()).isZero());
  }

  @Test
  void theLimitOfTheRequestDoesNotEndAnOpenSocket() {
    mesh.timeout = Duration.ofMillis(500);
    Heard heard = new Heard();
    WebSocket socket = open("ws://pay/", heard);

    // A handshake that began later has run into the same limit.
    assertThat(failure("ws://pay/silent")).isInstanceOf(HttpTimeoutException.class);
    socket.sendText("still here", true).join();

    await().untilAsserted(() -> assertThat(heard.said).containsExactly("still here"));
    socket.abort();
  }

  @Test
  void theApplicationsOwnLimitStaysInForce() {
    CompletableFuture<WebSocket> opening =
        client
            .newWebSocketBuilder()
            .connectTimeout(Duration.ofMillis(300))
            .buildAsync(URI.create("ws://pay/silent"), new Heard());

    assertThatThrownBy(opening::join).cause().isInstanceOf(HttpTimeoutException.class);
    await().untilAsserted(() -> assertThat(one.open()).isZero());
  }

  @Test
  void aCancelledHandshakeEndsAtTheServerToo() {
    CompletableFuture<WebSocket> opening =
        client.newWebSocketBuilder().buildAsync(URI.create("ws://pay/silent"), new Heard());
    await().untilAsserted(() -> assertThat(one.heads).hasSize(1));

    opening.cancel(true);

    await().untilAsserted(() -> assertThat(one.open()).isZero());
    await().untilAsserted(() -> assertThat(mesh.events).last().asString().startsWith("end "));
  }

  @Test
  void hostsOutsideTheMeshAreLeftToTheClient() {
    open("ws://localhost:" + one.port() + "/", new Heard()).abort();

    assertThat(mesh.events).isEmpty();
    assertThat(one.heads).hasSize(1);
  }

  @Test
  void whatGoesThroughAProxyOfTheApplicationIsLeftToTheClient() throws Exception {
    HttpClient proxied =
        HttpClient.newBuilder()
            .proxy(ProxySelector.of(new InetSocketAddress("localhost", closedPort())))
            .build();

    assertThatThrownBy(
            () ->
                proxied
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://pay/"), new Heard())
                    .join())
        .cause()
        .isInstanceOf(ConnectException.class);
    assertThat(mesh.events).isEmpty();
  }

  private WebSocket open(String uri, Heard listener) {
    return client.newWebSocketBuilder().buildAsync(URI.create(uri), listener).join();
  }

  private HttpResponse<?> refusal(String uri) {
    Throwable failure = failure(uri);
    assertThat(failure).isInstanceOf(WebSocketHandshakeException.class);
    return ((WebSocketHandshakeException) failure).getResponse();
  }

  private Throwable failure(String uri) {
    try {
      open(uri, new Heard()).abort();
      throw new AssertionError("opened " + uri);
    } catch (CompletionException e) {
      return e.getCause();
    }
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static final class Heard implements WebSocket.Listener {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      said.add(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      closed.complete(status);
      return null;
    }
  }
}
