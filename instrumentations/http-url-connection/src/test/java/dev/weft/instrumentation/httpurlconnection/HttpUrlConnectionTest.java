package dev.weft.instrumentation.httpurlconnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Weaver;
import dev.weft.instrumentation.testing.Woven;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(30)
class HttpUrlConnectionTest {
  @RegisterExtension static final Woven WOVEN = Woven.by(new HttpUrlConnectionInstrumentation());

  private final FakeClientMesh mesh = new FakeClientMesh();
  private final CountDownLatch release = new CountDownLatch(1);
  private HttpServer one;
  private HttpServer two;

  @BeforeEach
  void start() throws IOException {
    Mesh.install(mesh, new FakeServerMesh());
    one = server("one");
    two = server("two");
    mesh.ports.add(one.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    CookieHandler.setDefault(null);
    release.countDown();
    one.stop(0);
    two.stop(0);
  }

  private HttpServer server(String name) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          byte[] sent = exchange.getRequestBody().readAllBytes();
          String path = exchange.getRequestURI().getPath();
          if (path.equals("/slow")) {
            awaitRelease();
          }
          if (path.equals("/busy") && name.equals("one")) {
            exchange.sendResponseHeaders(503, 5);
            exchange.getResponseBody().write("later".getBytes(StandardCharsets.UTF_8));
            exchange.close();
            return;
          }
          if (path.equals("/redirect")) {
            exchange.getResponseHeaders().set("Location", "/landed");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
            return;
          }
          String body =
              name
                  + " path="
                  + exchange.getRequestURI()
                  + " host="
                  + exchange.getRequestHeaders().getFirst("Host")
                  + " trace="
                  + exchange.getRequestHeaders().getFirst("traceparent")
                  + " cookie="
                  + exchange.getRequestHeaders().getFirst("Cookie")
                  + " body="
                  + new String(sent, StandardCharsets.UTF_8);
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Server-Name", name);
          exchange.getResponseHeaders().set("Set-Cookie", "from=" + name);
          exchange.sendResponseHeaders(path.equals("/missing") ? 404 : 200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    return server;
  }

  private void awaitRelease() {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static HttpURLConnection open(String url) throws IOException {
    return (HttpURLConnection) new URL(url).openConnection();
  }

  private static String body(HttpURLConnection connection) throws IOException {
    return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static HttpURLConnection post(String url) throws IOException {
    HttpURLConnection connection = open(url);
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.getOutputStream().write("money".getBytes(StandardCharsets.UTF_8));
    return connection;
  }

  @Test
  void everyWovenMethodExists() {
    assertThat(
            Weaver.unmatched(
                new HttpUrlConnectionInstrumentation(), ClassLoader.getPlatformClassLoader()))
        .isEmpty();
  }

  @Test
  void dialsTheEndpointAndKeepsTheLogicalHost() throws Exception {
    HttpURLConnection connection = open("http://pay:8080/a?b=c");

    assertThat(body(connection)).startsWith("one path=/a?b=c host=pay:8080");
    assertThat(connection.getURL().toURI()).isEqualTo(URI.create("http://pay:8080/a?b=c"));
    assertThat(mesh.events).containsExactly("begin GET /a?b=c", "end 200");
  }

  @Test
  void leavesOtherHostsAlone() throws Exception {
    assertThat(body(open("http://127.0.0.1:" + two.getAddress().getPort() + "/")))
        .startsWith("two ");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void editsHeadersOnTheWireAndInTheResponse() throws Exception {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"));
    mesh.responseHeaders =
        List.of(
            new HeaderChange(HeaderChange.Kind.REMOVE, "server-name", ""),
            new HeaderChange(HeaderChange.Kind.ADD, "x-added", "1"));

    HttpURLConnection connection = open("http://pay/");

    assertThat(body(connection)).startsWith("one path=/ host=pay trace=00-abc");
    assertThat(connection.getHeaderField("Server-Name")).isNull();
    assertThat(connection.getHeaderField("x-added")).isEqualTo("1");
  }

  @Test
  void repliesLocally() throws Exception {
    mesh.reply = new LocalReply(503, "UH", "HTTPRoute default/pay", "no endpoint");

    HttpURLConnection connection = open("http://pay/");

    assertThat(connection.getResponseCode()).isEqualTo(503);
    assertThat(connection.getHeaderField("x-weft-reason")).isEqualTo("UH; HTTPRoute default/pay");
    assertThat(connection.getErrorStream()).hasContent("no endpoint\n");
    assertThatThrownBy(connection::getInputStream).isInstanceOf(IOException.class);
  }

  @Test
  void surfacesErrorStatusesAsTheLibraryDoes() throws Exception {
    HttpURLConnection connection = open("http://pay/missing");

    assertThatThrownBy(connection::getInputStream).isInstanceOf(FileNotFoundException.class);
    assertThat(connection.getErrorStream()).asString(StandardCharsets.UTF_8).startsWith("one ");
    assertThat(mesh.events).containsExactly("begin GET /missing", "end 404");
  }

  @Test
  void repeatsAnUnsentPostOnAnotherEndpoint() throws Exception {
    mesh.ports.add(0, closedPort());

    assertThat(body(post("http://pay/x"))).startsWith("one ").endsWith("body=money");
    assertThat(mesh.events).containsExactly("begin POST /x", "retry UNSENT", "end 200");
  }

  @Test
  void repeatsAGetWhoseConnectionDiedBeforeTheAnswer() throws Exception {
    try (ServerSocket dying = dyingServer()) {
      mesh.ports.add(0, dying.getLocalPort());

      assertThat(body(open("http://pay/y"))).startsWith("one path=/y host=pay ");
      assertThat(mesh.events).containsExactly("begin GET /y", "retry SENT", "end 200");
    }
  }

  @Test
  void goesOnToAThirdEndpointWhenTheSecondOneIsGoneToo() throws Exception {
    try (ServerSocket dying = dyingServer()) {
      mesh.ports.add(0, dying.getLocalPort());
      mesh.ports.add(1, closedPort());

      assertThat(body(open("http://pay/y"))).startsWith("one ");
      assertThat(mesh.events)
          .containsExactly("begin GET /y", "retry SENT", "retry UNSENT", "end 200");
    }
  }

  @Test
  void neverSendsAPostToAnotherEndpointThatWasSent() throws Exception {
    try (ServerSocket dying = dyingServer()) {
      mesh.ports.add(0, dying.getLocalPort());
      HttpURLConnection connection = post("http://pay/x");

      assertThatThrownBy(connection::getInputStream).isInstanceOf(IOException.class);
      assertThat(mesh.events).contains("begin POST /x", "retry SENT");
      assertThat(mesh.events.get(mesh.events.size() - 1)).endsWith("Exception");
    }
  }

  @Test
  void surfacesTheLibrarysOwnExceptionWhenItGivesUp() throws Exception {
    mesh.ports.clear();
    mesh.ports.add(closedPort());

    assertThatThrownBy(() -> body(open("http://pay/"))).isInstanceOf(ConnectException.class);
    assertThat(mesh.events).endsWith("end ConnectException");
  }

  @Test
  void endsWithTheRulesTimeout() throws Exception {
    mesh.timeout = Duration.ofMillis(200);
    HttpURLConnection connection = open("http://pay/slow");

    assertThatThrownBy(connection::getInputStream)
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("test-rule");
    assertThat(mesh.events).contains("end SocketTimeoutException");
  }

  @Test
  void keepsTheApplicationsOwnTimeout() throws Exception {
    HttpURLConnection connection = open("http://pay/slow");
    connection.setReadTimeout(200);

    assertThatThrownBy(connection::getInputStream)
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("Read timed out");
  }

  @Test
  void countsEveryRedirectAsARequestOfItsOwn() throws Exception {
    assertThat(body(open("http://pay/redirect"))).startsWith("one path=/landed");
    assertThat(mesh.events)
        .containsExactly("begin GET /redirect", "end 302", "begin GET /landed", "end 200");
  }

  @Test
  void keepsConnectionsAlivePerEndpoint() throws Exception {
    body(open("http://pay/"));
    mesh.ports.set(0, two.getAddress().getPort());

    assertThat(body(open("http://pay/"))).startsWith("two ");
  }

  @Test
  void filesCookiesUnderTheLogicalHost() throws Exception {
    CookieHandler.setDefault(new CookieManager());

    body(open("http://pay/"));

    assertThat(body(open("http://pay/"))).contains("cookie=from=one");
  }

  @Test
  void streamsABodyToTheEndpoint() throws Exception {
    HttpURLConnection connection = open("http://pay/x");
    connection.setDoOutput(true);
    connection.setChunkedStreamingMode(0);
    connection.getOutputStream().write("money".getBytes(StandardCharsets.UTF_8));

    assertThat(body(connection)).endsWith("body=money");
  }

  @Test
  void endsARequestThatTheApplicationGaveUp() throws Exception {
    HttpURLConnection connection = open("http://pay/");
    connection.connect();

    connection.disconnect();

    assertThat(mesh.events).containsExactly("begin GET /", "end 0");
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Accepts, reads a little, and closes without an answer. */
  private static ServerSocket dyingServer() throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  socket.getInputStream().read();
                } catch (IOException e) {
                  // the test closed the server
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  @Test
  void anAnswerThatTheMeshDropsIsFollowedByAnotherEndpointsWithTheSameBody() throws Exception {
    mesh.ports.add(two.getAddress().getPort());
    mesh.retried = Set.of(503);
    HttpURLConnection connection = open("http://pay:8080/busy");
    connection.setDoOutput(true);
    connection.getOutputStream().write("twice".getBytes(StandardCharsets.UTF_8));

    assertThat(connection.getResponseCode()).isEqualTo(200);
    assertThat(body(connection)).startsWith("two").endsWith("body=twice");
    assertThat(mesh.events).containsExactly("begin POST /busy", "drop 503", "end 200");
  }

  @Test
  void theMeshAnswersInPlaceOfAResponseThatMayNotBeRepeated() throws Exception {
    mesh.retried = Set.of(503);
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");
    HttpURLConnection connection = open("http://pay:8080/busy");
    connection.setDoOutput(true);
    connection.getOutputStream().write("twice".getBytes(StandardCharsets.UTF_8));

    assertThat(connection.getResponseCode()).isEqualTo(503);
    assertThat(connection.getErrorStream()).hasContent("spent");
    assertThat(connection.getHeaderField("x-weft-reason")).isEqualTo("UO; the-budget");
    assertThat(mesh.events).containsExactly("begin POST /busy", "drop 503", "end 503");
  }

  @Test
  void theMeshAnswersInPlaceOfAFailureThatMayNotBeRepeated() throws Exception {
    mesh.ports.set(0, closedPort());
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");

    assertThat(open("http://pay/").getResponseCode()).isEqualTo(503);
    assertThat(mesh.events).containsExactly("begin GET /", "retry UNSENT", "end 503");
  }

  @Test
  void aStreamedBodyIsSentOnceWhateverTheAnswer() throws Exception {
    mesh.ports.add(two.getAddress().getPort());
    mesh.retried = Set.of(503);
    HttpURLConnection connection = open("http://pay:8080/busy");
    connection.setDoOutput(true);
    connection.setChunkedStreamingMode(0);
    connection.getOutputStream().write('1');

    assertThat(connection.getResponseCode()).isEqualTo(503);
  }

  @Test
  void whatPolicyRewritesIsAskedForAndTheApplicationSeesItsOwn() throws Exception {
    mesh.target = new Target(Optional.of("pay.example:81"), Optional.of("/v2/x?y=1"));
    HttpURLConnection connection = open("http://pay:8080/v1/x?y=1");

    assertThat(body(connection)).contains(" path=/v2/x?y=1 ", " host=pay.example:81 ");
    assertThat(connection.getURL().getPath()).isEqualTo("/v1/x");
  }

  @Test
  void waitsAsLongAsTheMeshSaysBeforeItSends() throws Exception {
    mesh.pause = Duration.ofMillis(50);
    long start = System.nanoTime();

    assertThat(open("http://pay:8080/").getResponseCode()).isEqualTo(200);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
  }

  @Test
  void aReplyOfTheMeshHasItsHeaders() throws Exception {
    mesh.reply =
        new LocalReply(
            302,
            "",
            "HTTPRoute default/moved",
            "",
            List.of(new HeaderField("Location", "http://elsewhere/")),
            Duration.ofMillis(5));
    HttpURLConnection connection = open("http://pay:8080/");
    connection.setInstanceFollowRedirects(false);

    assertThat(connection.getResponseCode()).isEqualTo(302);
    assertThat(connection.getHeaderField("location")).isEqualTo("http://elsewhere/");
    assertThat(connection.getHeaderField("x-weft-reason")).isNull();
  }

  @Test
  void anAuthorityThatIsNoLegalUriHarmsNobody() throws Exception {
    mesh.responseHeaders =
        List.of(new HeaderChange(HeaderChange.Kind.ADD, "Set-Cookie", "session=one"));

    assertThat(open("http://us^er@pay:8080/").getResponseCode()).isEqualTo(200);
  }
}
