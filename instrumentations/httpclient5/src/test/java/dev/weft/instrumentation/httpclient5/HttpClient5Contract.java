package dev.weft.instrumentation.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientMesh;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Weaver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stories that the classic and the asynchronous client have in common. */
@org.junit.jupiter.api.Timeout(60)
abstract class HttpClient5Contract {
  final FakeClientMesh mesh = new FakeClientMesh();
  final List<OutboundRequest> seen = new ArrayList<>();
  private Weaver weaver;
  EchoServer one;
  EchoServer two;

  abstract Instrumentation instrumentation();

  /** A client of these settings in place of the one before. */
  abstract void client(ClientSettings settings) throws Exception;

  abstract Got send(Ask ask, HttpClientContext context) throws Exception;

  abstract void closeClient() throws Exception;

  Got send(Ask ask) throws Exception {
    return send(ask, HttpClientContext.create());
  }

  @BeforeEach
  void start() throws Exception {
    weaver = Weaver.weave(instrumentation());
    Mesh.install(new Watching(), new FakeServerMesh());
    one = new EchoServer("one");
    two = new EchoServer("two");
    mesh.ports.add(one.port());
    client(new ClientSettings());
  }

  @AfterEach
  void stop() throws Exception {
    closeClient();
    one.close();
    two.close();
    assertThat(weaver.failures()).isEmpty();
    weaver.close();
  }

  @Test
  void everyWovenMethodExists() {
    assertThat(Weaver.unmatched(instrumentation(), getClass().getClassLoader())).isEmpty();
  }

  @Test
  void dialsTheEndpointAndKeepsTheLogicalHost() throws Exception {
    HttpClientContext context = HttpClientContext.create();
    mesh.requestHeaders = List.of(set("traceparent", "00-abc"));

    Got got = send(Ask.get("/a?b=c"), context);

    assertThat(got.body()).startsWith("one GET /a?b=c host=pay:8080 trace=00-abc");
    assertThat(context.getHttpRoute().getTargetHost()).isEqualTo(new HttpHost("http", "pay", 8080));
    assertThat(context.getRequest().containsHeader("traceparent")).isFalse();
    assertThat(mesh.events).containsExactly("begin GET /a?b=c", "end 200");
  }

  @Test
  void leavesOtherHostsAlone() throws Exception {
    Got got = send(new Ask("GET", "http://127.0.0.1:" + two.port() + "/", null, List.of()));

    assertThat(got.body()).startsWith("two ");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void leavesRequestsAloneForWhichTheApplicationChoseAProxy() throws Exception {
    client(new ClientSettings().proxy(new HttpHost("http", "127.0.0.1", two.port())));

    assertThat(send(Ask.get("/")).body()).startsWith("two ");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void leavesTheApplicationsOwnHttpsAlone() {
    Ask ask = new Ask("GET", "https://pay:" + one.port() + "/", null, List.of());

    assertThatThrownBy(() -> send(ask)).isInstanceOf(IOException.class);
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void editsHeadersOnTheWireAndInTheResponseOnly() throws Exception {
    mesh.requestHeaders = List.of(set("X-MiXed", "1"), new HeaderChange(REMOVE, "x-gone", ""));
    mesh.responseHeaders =
        List.of(
            new HeaderChange(REMOVE, "server-name", ""),
            new HeaderChange(HeaderChange.Kind.ADD, "x-added", "1"));
    HttpClientContext context = HttpClientContext.create();

    Got got = send(Ask.get("/", "X-Gone", "1", "x-STAYS", "2"), context);

    assertThat(got.body()).contains("mixed=1", "gone=null", "stays=2");
    assertThat(got.header("Server-Name")).isNull();
    assertThat(got.header("x-added")).isEqualTo("1");
    assertThat(context.getRequest().getFirstHeader("X-Gone").getValue()).isEqualTo("1");
    try (RawServer raw = new RawServer()) {
      mesh.ports.set(0, raw.port());
      send(Ask.get("/", "x-STAYS", "2"));
      assertThat(raw.head()).contains("\r\nX-MiXed: 1\r\n", "\r\nx-STAYS: 2\r\n");
    }
  }

  @Test
  void theMeshSeesWhatInterceptorsAndDefaultsAdd() throws Exception {
    client(
        new ClientSettings()
            .defaultHeader("x-default", "d")
            .interceptor((request, entity, context) -> request.addHeader("x-later", "l")));

    send(Ask.get("/"));

    assertThat(seen.get(0).header("X-Default")).containsExactly("d");
    assertThat(seen.get(0).header("X-Later")).containsExactly("l");
    assertThat(seen.get(0).host() + ":" + seen.get(0).port()).isEqualTo("pay:8080");
  }

  @Test
  void repliesLocally() throws Exception {
    mesh.reply = new LocalReply(503, "UH", "HTTPRoute default/pay", "no endpoint");

    Got got = send(Ask.get("/"));

    assertThat(got.status()).isEqualTo(503);
    assertThat(got.header("x-weft-reason")).isEqualTo("UH; HTTPRoute default/pay");
    assertThat(got.body()).isEqualTo("no endpoint\n");
    Got head = send(new Ask("HEAD", "http://pay/", null, List.of()));
    assertThat(head.status()).isEqualTo(503);
    assertThat(head.body()).isEmpty();
    assertThat(mesh.events).containsExactly("begin GET /", "end 0", "begin HEAD /", "end 0");
  }

  /** Applications ask a response for it, and find nothing else in one of a server. */
  @Test
  void aLocalReplyHasTheProtocolVersionOfAServersAnswer() throws Exception {
    ProtocolVersion answered = send(Ask.get("/")).response().getVersion();
    mesh.reply = new LocalReply(503, "UH", "HTTPRoute default/pay", "no endpoint");

    assertThat(answered).isNotNull();
    assertThat(send(Ask.get("/")).response().getVersion()).isEqualTo(answered);
  }

  @Test
  void repliesLocallyToAPostWithWhateverStatus() throws Exception {
    mesh.reply =
        new LocalReply(
            307, "", "redirect", "", List.of(new HeaderField("x-a", "1")), Duration.ZERO);
    client(new ClientSettings().redirectsDisabled());

    assertThat(send(Ask.post("/x", "money")).header("x-a")).isEqualTo("1");
    assertThat(send(Ask.stream("/x", "money")).status()).isEqualTo(307);
  }

  @Test
  void theApplicationFollowsARedirectOfTheMesh() throws Exception {
    HeaderField location =
        new HeaderField("Location", "http://127.0.0.1:" + two.port() + "/landed");
    mesh.reply = new LocalReply(302, "", "redirect", "", List.of(location), Duration.ZERO);

    assertThat(send(Ask.get("/x")).body()).startsWith("two GET /landed");
    assertThat(mesh.events).containsExactly("begin GET /x", "end 0");
  }

  @Test
  void eachRedirectIsARequestOfItsOwn() throws Exception {
    mesh.ports.add(two.port());

    Got got = send(Ask.get("/redirect"));

    assertThat(got.body()).startsWith("one GET /landed host=pay:8080");
    assertThat(mesh.events)
        .containsExactly("begin GET /redirect", "end 302", "begin GET /landed", "end 200");
  }

  @Test
  void aChallengeIsAnsweredByARequestOfItsOwn() throws Exception {
    client(new ClientSettings().password("me", "secret"));

    assertThat(send(Ask.get("/private")).body()).startsWith("one GET /private");
    assertThat(mesh.events)
        .containsExactly("begin GET /private", "end 401", "begin GET /private", "end 200");
  }

  @Test
  void cookiesBelongToTheLogicalHost() throws Exception {
    send(Ask.get("/cookie"));
    mesh.ports.set(0, two.port());

    assertThat(send(Ask.get("/")).body()).startsWith("two ").contains("cookie=a=b");
  }

  @Test
  void repeatsAnUnsentPostOnAnotherEndpoint() throws Exception {
    mesh.ports.add(0, closedPort());

    assertThat(send(Ask.post("/x", "money")).body())
        .startsWith("one POST /x host=pay:8080")
        .endsWith("body=money");
    assertThat(mesh.events).containsExactly("begin POST /x", "retry UNSENT", "end 200");
  }

  @Test
  void repeatsAnUnsentStreamOnAnotherEndpoint() throws Exception {
    mesh.ports.add(0, closedPort());

    assertThat(send(Ask.stream("/x", "money")).body()).startsWith("one ").endsWith("body=money");
    assertThat(seen.get(0).body()).isEqualTo(OutboundRequest.Body.ONCE);
  }

  @Test
  void repeatsAGetWhoseConnectionDiedBeforeTheAnswer() throws Exception {
    try (ServerSocket dying = dyingServer()) {
      mesh.ports.add(0, dying.getLocalPort());

      assertThat(send(Ask.get("/")).body()).startsWith("one ");
      assertThat(mesh.events).containsExactly("begin GET /", "retry SENT", "end 200");
    }
  }

  @Test
  void neverRepeatsAPostThatWasSent() throws Exception {
    try (ServerSocket dying = dyingServer()) {
      mesh.ports.add(0, dying.getLocalPort());

      assertThatThrownBy(() -> send(Ask.post("/x", "money"))).isInstanceOf(IOException.class);
      assertThat(mesh.events).hasSize(3).startsWith("begin POST /x", "retry SENT");
      assertThat(mesh.events.get(2)).startsWith("end ");
      assertThat(one.requests()).isZero();
    }
  }

  @Test
  void theLibrarysDefaultRetriesDoNotRepeatAFailureThatTheMeshHasJudged() throws Exception {
    mesh.retries = 0;
    AtomicInteger requests = new AtomicInteger();
    try (ServerSocket dying = dyingServer(requests)) {
      mesh.ports.set(0, dying.getLocalPort());

      assertThatThrownBy(() -> send(Ask.get("/"))).isInstanceOf(IOException.class);
      assertThat(mesh.events).hasSize(3).startsWith("begin GET /", "retry SENT");
      assertThat(requests).hasValue(1);

      Ask unmeshed =
          new Ask("GET", "http://127.0.0.1:" + dying.getLocalPort() + "/", null, List.of());
      assertThatThrownBy(() -> send(unmeshed)).isInstanceOf(IOException.class);
      assertThat(requests).hasValue(3);
    }
  }

  @Test
  void theLibrarysDefaultRetriesDoNotRepeatWhatTheMeshHasJudged() throws Exception {
    assertThat(send(Ask.get("/status/503")).status()).isEqualTo(503);
    assertThat(one.requests()).isEqualTo(1);

    two.forget();
    send(new Ask("GET", "http://127.0.0.1:" + two.port() + "/status/503", null, List.of()));
    assertThat(two.requests()).isEqualTo(2);
  }

  @Test
  void theApplicationsOwnRetriesAreRequestsOfTheirOwn() throws Exception {
    client(
        new ClientSettings()
            .retries(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofMilliseconds(1))));
    mesh.ports.add(two.port());

    assertThat(send(Ask.get("/status/503")).status()).isEqualTo(503);
    assertThat(mesh.events)
        .containsExactly("begin GET /status/503", "end 503", "begin GET /status/503", "end 503");
  }

  @Test
  void aRetryByStatusDropsTheBodyAndKeepsTheConnection() throws Exception {
    mesh.retried = Set.of(503);
    one.failNext(1);

    Got got = send(Ask.post("/flaky", "money"));

    assertThat(got.body()).startsWith("one POST /flaky").endsWith("body=money");
    assertThat(mesh.events).containsExactly("begin POST /flaky", "drop 503", "end 200");
    assertThat(seen.get(0).bytes()).isEqualTo("money".getBytes());
    assertThat(one.connections()).isEqualTo(1);
  }

  @Test
  void theMeshAnswersInPlaceOfAResponseThatMayNotBeRepeated() throws Exception {
    mesh.retried = Set.of(503);
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");
    one.failNext(1);

    Got got = send(Ask.post("/flaky", "money"));

    assertThat(got.status()).isEqualTo(503);
    assertThat(got.body()).isEqualTo("spent\n");
    assertThat(mesh.events).containsExactly("begin POST /flaky", "drop 503", "end 503");
    assertThat(send(Ask.get("/")).body()).startsWith("one ");
    assertThat(one.connections()).isEqualTo(1);
  }

  @Test
  void theMeshAnswersInPlaceOfAFailureThatMayNotBeRepeated() throws Exception {
    mesh.ports.set(0, closedPort());
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");

    assertThat(send(Ask.get("/")).status()).isEqualTo(503);
    assertThat(mesh.events).containsExactly("begin GET /", "retry UNSENT", "end 503");
  }

  @Test
  void aLongBodyIsNotReadToBeDropped() throws Exception {
    mesh.retried = Set.of(500);
    mesh.ports.add(two.port());
    one.failNext(1);

    assertThat(send(Ask.get("/endless")).body()).startsWith("two ");
    assertThat(mesh.events).containsExactly("begin GET /endless", "drop 500", "end 200");
  }

  @Test
  void aStreamIsNotRepeatedByStatus() throws Exception {
    mesh.retried = Set.of(503);
    one.failNext(1);

    assertThat(send(Ask.stream("/flaky", "money")).status()).isEqualTo(503);
  }

  @Test
  void asksForWhatPolicyRewrote() throws Exception {
    mesh.target = new Target(Optional.of("other:81"), Optional.of("/v2/a?b"));
    HttpClientContext context = HttpClientContext.create();

    assertThat(send(Ask.get("/a"), context).body()).startsWith("one GET /v2/a?b host=other:81");
    assertThat(context.getRequest().getPath()).isEqualTo("/a");
  }

  @Test
  void pausesBeforeItSends() throws Exception {
    mesh.pause = Duration.ofMillis(300);
    long start = System.nanoTime();

    send(Ask.get("/"));

    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(300_000_000L);
  }

  @Test
  void endsWithTheRulesTimeout() {
    mesh.timeout = Duration.ofMillis(200);

    assertThatThrownBy(() -> send(Ask.get("/slow")))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("test-rule");
    assertThat(mesh.events).contains("end SocketTimeoutException");
  }

  @Test
  void theRulesTimeoutBoundsTheBody() {
    mesh.timeout = Duration.ofMillis(300);

    assertThatThrownBy(() -> send(Ask.get("/stuck")))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("test-rule");
    await().untilAsserted(() -> assertThat(mesh.events).hasSize(2));
  }

  @Test
  void theRulesTimeoutBoundsAPause() {
    mesh.timeout = Duration.ofMillis(100);
    mesh.pause = Duration.ofSeconds(30);

    assertThatThrownBy(() -> send(Ask.get("/"))).hasMessageContaining("test-rule");
    assertThat(one.requests()).isZero();
  }

  @Test
  void keepsTheApplicationsOwnTimeout() throws Exception {
    client(
        new ClientSettings()
            .config(
                RequestConfig.custom().setResponseTimeout(Timeout.ofMilliseconds(200)).build()));
    mesh.retries = 0;

    Throwable thrown = catchThrowable(() -> send(Ask.post("/slow", "x")));

    assertThat(thrown).isInstanceOf(SocketTimeoutException.class);
    assertThat(thrown.getMessage()).doesNotContain("test-rule");
  }

  @Test
  void aSilentEndpointCostsTheConnectTimeoutOfTheMesh() throws Exception {
    try (SilentServer silent = new SilentServer()) {
      mesh.ports.add(0, silent.port());
      mesh.connectTimeout = Duration.ofMillis(200);

      assertThat(send(Ask.post("/x", "money")).body()).startsWith("one ");
      assertThat(mesh.events).containsExactly("begin POST /x", "retry UNSENT", "end 200");
    }
  }

  @Test
  void theApplicationsSmallerConnectTimeoutWins() throws Exception {
    client(
        new ClientSettings()
            .config(RequestConfig.custom().setConnectTimeout(200, TimeUnit.MILLISECONDS).build()));
    try (SilentServer silent = new SilentServer()) {
      mesh.ports.add(0, silent.port());
      mesh.connectTimeout = Duration.ofMinutes(5);

      assertThat(send(Ask.get("/")).body()).startsWith("one ");
    }
  }

  @Test
  void connectionsAreReusedPerEndpointAndNeverMixedUp() throws Exception {
    mesh.ports.add(two.port());
    for (int i = 0; i < 20; i++) {
      mesh.ports.set(0, i % 2 == 0 ? one.port() : two.port());
      assertThat(send(Ask.get("/")).body()).startsWith(i % 2 == 0 ? "one " : "two ");
    }
    // Asynchronous clients give a connection back just after the response.
    assertThat(one.connections()).isLessThan(5);
    assertThat(two.connections()).isLessThan(5);
  }

  @Test
  void surfacesTheLibrarysOwnExceptionWhenItGivesUp() throws Exception {
    mesh.ports.set(0, closedPort());

    assertThatThrownBy(() -> send(Ask.get("/"))).isInstanceOf(HttpHostConnectException.class);
    assertThat(mesh.events)
        .startsWith("begin GET /", "retry UNSENT", "retry UNSENT", "retry UNSENT")
        .hasSize(5);
  }

  static final HeaderChange.Kind REMOVE = HeaderChange.Kind.REMOVE;

  static HeaderChange set(String name, String value) {
    return new HeaderChange(HeaderChange.Kind.SET, name, value);
  }

  static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  static ServerSocket dyingServer() throws IOException {
    return dyingServer(new AtomicInteger());
  }

  /** Accepts, reads a little, and resets without an answer. */
  private static ServerSocket dyingServer(AtomicInteger requests) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  socket.getInputStream().read();
                  requests.incrementAndGet();
                  socket.setSoLinger(true, 0);
                } catch (IOException e) {
                  // the test closed the server
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  /** The fake mesh, whose requests can be looked at. */
  private final class Watching implements ClientMesh {
    @Override
    public boolean knows(String host) {
      return mesh.knows(host);
    }

    @Override
    public ClientExchange begin(String library, OutboundRequest request) {
      assertThat(library).isEqualTo(instrumentation().name());
      seen.add(request);
      return mesh.begin(library, request);
    }
  }

  /** A port whose backlog is full: connects to it are not answered. */
  static final class SilentServer implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<Socket> waiting = new ArrayList<>();

    SilentServer() throws IOException {
      boolean full = false;
      while (!full) {
        Socket socket = new Socket();
        waiting.add(socket);
        try {
          socket.connect(new InetSocketAddress(server.getInetAddress(), port()), 200);
        } catch (SocketTimeoutException e) {
          full = true;
        }
      }
    }

    int port() {
      return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : waiting) {
        socket.close();
      }
      server.close();
    }
  }
}
