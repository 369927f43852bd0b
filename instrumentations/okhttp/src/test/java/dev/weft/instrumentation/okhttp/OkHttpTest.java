package dev.weft.instrumentation.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.bootstrap.MeshHandshakeException;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientMesh;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Woven;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.UnknownServiceException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Cache;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Connection;
import okhttp3.ConnectionSpec;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
@DisabledIfSystemProperty(named = "weft.okhttp.version", matches = "4\\.4\\..*")
class OkHttpTest {
  @RegisterExtension static final Woven WOVEN = Woven.by(new OkHttpInstrumentation());

  private final FakeClientMesh mesh = new FakeClientMesh();
  private OkHttpClient client = new OkHttpClient();
  private TestServer one;
  private TestServer two;

  @BeforeEach
  void start() throws IOException {
    Mesh.install(mesh, new FakeServerMesh());
    one = new TestServer("one");
    two = new TestServer("two");
    mesh.ports.add(one.port());
  }

  @AfterEach
  void stop() {
    client.dispatcher().executorService().shutdownNow();
    client.connectionPool().evictAll();
    one.close();
    two.close();
  }

  private static Request get(String url) {
    return new Request.Builder().url(url).build();
  }

  private static Request post(String url) {
    return new Request.Builder().url(url).post(body("money")).build();
  }

  private static RequestBody body(String text) {
    return RequestBody.create(text, MediaType.get("text/plain"));
  }

  private String send(Request request) throws IOException {
    try (Response response = client.newCall(request).execute()) {
      return response.body().string();
    }
  }

  /**
   * Of the mesh's limits nothing may be left running or pooled: each request has one connection.
   */
  private void assertNoConnectionLeaks() {
    await()
        .untilAsserted(
            () ->
                assertThat(client.connectionPool().idleConnectionCount())
                    .isEqualTo(client.connectionPool().connectionCount()));
  }

  @Test
  void dialsTheEndpointAndKeepsTheLogicalHost() throws Exception {
    try (Response response = client.newCall(get("http://pay:8080/a?b=c")).execute()) {
      assertThat(response.body().string()).startsWith("one path=/a?b=c host=pay:8080");
      assertThat(response.request().url().toString()).isEqualTo("http://pay:8080/a?b=c");
    }
    assertThat(mesh.events).containsExactly("begin GET /a?b=c", "end 200");
    assertNoConnectionLeaks();
  }

  @Test
  void leavesOtherHostsAlone() throws Exception {
    assertThat(send(get("http://127.0.0.1:" + two.port() + "/"))).startsWith("two ");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void leavesHttpsAlone() throws Exception {
    client = client.newBuilder().dns(host -> List.of(InetAddress.getLoopbackAddress())).build();

    assertThatThrownBy(() -> send(get("https://pay:" + closedPort() + "/")))
        .isInstanceOf(ConnectException.class);
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void leavesRequestsToAProxyAlone() throws Exception {
    client = client.newBuilder().proxy(proxy(two)).build();

    assertThat(send(get("http://pay/x"))).startsWith("two path=http://pay/x host=pay");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void leavesRequestsAloneForWhichASelectorNamesAProxy() throws Exception {
    client = client.newBuilder().proxySelector(selector("pay")).build();

    assertThat(send(get("http://pay/x"))).startsWith("two path=http://pay/x host=pay");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void asksTheSelectorOfProxiesAboutTheLogicalHostOnly() throws Exception {
    client = client.newBuilder().proxySelector(selector("127.0.0.1")).build();

    assertThat(send(get("http://pay/x"))).startsWith("one path=/x host=pay");
  }

  private Proxy proxy(TestServer server) {
    return new Proxy(
        Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
  }

  private ProxySelector selector(String proxied) {
    return new ProxySelector() {
      @Override
      public List<Proxy> select(URI uri) {
        return List.of(uri.getHost().equals(proxied) ? proxy(two) : Proxy.NO_PROXY);
      }

      @Override
      public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
    };
  }

  @Test
  void asksNoResolverAboutHostsOfTheMesh() throws Exception {
    client =
        client
            .newBuilder()
            .dns(
                host -> {
                  throw new UnknownHostException(host);
                })
            .build();

    assertThat(send(get("http://pay/"))).startsWith("one ");
    assertThatThrownBy(() -> send(get("http://other/"))).isInstanceOf(UnknownHostException.class);
  }

  @Test
  void editsHeadersOnTheWireAndInTheResponseOnly() throws Exception {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"));
    mesh.responseHeaders =
        List.of(
            new HeaderChange(HeaderChange.Kind.REMOVE, "server-name", ""),
            new HeaderChange(HeaderChange.Kind.ADD, "x-added", "1"));

    Request request = get("http://pay/");
    try (Response response = client.newCall(request).execute()) {
      assertThat(response.body().string()).startsWith("one path=/ host=pay trace=00-abc");
      assertThat(response.header("Server-Name")).isNull();
      assertThat(response.header("x-added")).isEqualTo("1");
      assertThat(response.request().header("traceparent")).isNull();
    }
    assertThat(request.header("traceparent")).isNull();
  }

  @Test
  void keepsTheCaseOfHeaders() throws Exception {
    mesh.requestHeaders =
        List.of(
            new HeaderChange(HeaderChange.Kind.SET, "X-Policy", "p"),
            new HeaderChange(HeaderChange.Kind.REMOVE, "x-secret", ""));
    try (RawServer raw = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
      mesh.ports.set(0, raw.port());

      Request request =
          new Request.Builder()
              .url("http://pay/")
              .header("X-MiXed", "1")
              .header("X-Secret", "s")
              .build();

      assertThat(send(request)).isEqualTo("ok");
      assertThat(raw.received())
          .contains("X-MiXed: 1\r\n", "X-Policy: p\r\n")
          .doesNotContainIgnoringCase("x-secret");
    }
  }

  @Test
  void showsNetworkInterceptorsTheApplicationsOwnRequest() throws Exception {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"));
    mesh.target = new Target(Optional.of("pay-v2"), Optional.of("/rewritten"));
    List<String> seen = new CopyOnWriteArrayList<>();
    client =
        client
            .newBuilder()
            .addNetworkInterceptor(
                chain -> {
                  Response response =
                      chain.proceed(chain.request().newBuilder().header("cookie", "n").build());
                  seen.add(chain.request().url() + " " + chain.request().header("Host"));
                  seen.add(response.request().url() + " " + response.header("Server-Name"));
                  seen.add(String.valueOf(chain.request().header("traceparent")));
                  return response;
                })
            .build();

    assertThat(send(get("http://pay:81/x")))
        .startsWith("one path=/rewritten host=pay-v2 trace=00-abc cookie=n");
    assertThat(seen).containsExactly("http://pay:81/x pay:81", "http://pay:81/x one", "null");
  }

  @Test
  void stillDemandsOfNetworkInterceptorsToKeepTheHost() {
    client =
        client
            .newBuilder()
            .addNetworkInterceptor(
                chain -> chain.proceed(chain.request().newBuilder().url("http://other/").build()))
            .build();

    assertThatThrownBy(() -> send(get("http://pay/")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("must retain the same host and port");
    assertThat(mesh.events).containsExactly("begin GET /", "end IllegalStateException");
  }

  @Test
  void doesNotRepeatWhatANetworkInterceptorRefuses() {
    client =
        client
            .newBuilder()
            .addNetworkInterceptor(
                chain -> {
                  throw new IOException("not on my watch");
                })
            .build();

    assertThatThrownBy(() -> send(get("http://pay/"))).hasMessage("not on my watch");
    assertThat(mesh.events).containsExactly("begin GET /", "end IOException");
    assertThat(one.requests).isEmpty();
  }

  @Test
  void retargetsOverTheWireOnly() throws Exception {
    mesh.target = new Target(Optional.of("pay-v2:82"), Optional.of("/v2/x?y=z"));

    try (Response response = client.newCall(get("http://pay/x")).execute()) {
      assertThat(response.body().string()).startsWith("one path=/v2/x?y=z host=pay-v2:82");
      assertThat(response.request().url().toString()).isEqualTo("http://pay/x");
    }
  }

  /** The limit of an attempt cancels it, though the head of the response has just arrived. */
  @Test
  void anAnswerOfAnAttemptThatIsOverIsNotDelivered() throws Exception {
    mesh.attemptTimeout = Duration.ofMillis(200);
    AtomicBoolean first = new AtomicBoolean(true);
    client =
        client
            .newBuilder()
            .addNetworkInterceptor(
                chain -> {
                  boolean late = first.getAndSet(false);
                  Response response = chain.proceed(chain.request());
                  if (late) {
                    await().until(() -> chain.connection().socket().isClosed());
                  }
                  return response;
                })
            .build();

    assertThat(send(get("http://pay/"))).startsWith("one ");
    assertThat(mesh.events).containsExactly("begin GET /", "retry SENT", "end 200");
  }

  @Test
  void repliesLocally() throws Exception {
    mesh.reply = new LocalReply(503, "UH", "HTTPRoute default/pay", "no endpoint");

    try (Response response = client.newCall(get("http://pay/")).execute()) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.header("x-weft-reason")).isEqualTo("UH; HTTPRoute default/pay");
      assertThat(response.body().string()).isEqualTo("no endpoint\n");
    }
    Request head = new Request.Builder().url("http://pay/").head().build();
    try (Response response = client.newCall(head).execute()) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.body().string()).isEmpty();
    }
    assertThat(mesh.events).containsExactly("begin GET /", "end 0", "begin HEAD /", "end 0");
  }

  @Test
  void waitsBeforeTheFirstAttempt() throws Exception {
    mesh.pause = Duration.ofMillis(150);
    long start = System.nanoTime();

    assertThat(send(get("http://pay/"))).startsWith("one ");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(mesh.pause);
  }

  @Test
  void stopsWaitingWhenTheCallIsCancelled() {
    mesh.pause = Duration.ofMinutes(1);
    Call call = client.newCall(get("http://pay/"));
    CompletableFuture<Object> outcome = enqueue(call);
    await().until(() -> !mesh.events.isEmpty());

    call.cancel();

    assertThat(outcome.join())
        .isInstanceOf(IOException.class)
        .hasToString("java.io.IOException: Canceled");
    assertThat(mesh.events).containsExactly("begin GET /", "end IOException");
  }

  @Test
  void reusesConnectionsPerEndpointAndNeverMixesThem() throws Exception {
    mesh.ports.add(two.port());
    for (int i = 0; i < 3; i++) {
      mesh.ports.set(0, one.port());
      assertThat(send(get("http://pay/"))).startsWith("one ");
      mesh.ports.set(0, two.port());
      assertThat(send(get("http://pay/"))).startsWith("two ");
    }

    assertThat(one.connections).hasSize(1);
    assertThat(two.connections).hasSize(1);
    assertThat(client.connectionPool().connectionCount()).isEqualTo(2);
    assertNoConnectionLeaks();
  }

  @Test
  void sharesAnEndpointsConnectionBetweenNames() throws Exception {
    send(get("http://pay/"));
    send(get("http://pay:8080/"));

    assertThat(one.connections).hasSize(1);
  }

  @Test
  void decidesEachRedirectAnew() throws Exception {
    mesh.ports.add(two.port());
    try (Response response = client.newCall(get("http://pay/redirect")).execute()) {
      assertThat(response.body().string()).startsWith("one path=/landed host=pay ");
      assertThat(response.request().url().toString()).isEqualTo("http://pay/landed");
      assertThat(response.priorResponse().request().url().toString())
          .isEqualTo("http://pay/redirect");
    }
    assertThat(mesh.events)
        .containsExactly("begin GET /redirect", "end 302", "begin GET /landed", "end 200");
    assertThat(one.connections).hasSize(1);
  }

  @Test
  void followsARedirectToAnotherEndpointThanTheLast() throws Exception {
    mesh.ports.set(0, one.port());
    client =
        client
            .newBuilder()
            .addNetworkInterceptor(
                chain -> {
                  mesh.ports.set(0, two.port());
                  return chain.proceed(chain.request());
                })
            .build();

    assertThat(send(get("http://pay/redirect"))).startsWith("two path=/landed");
    assertNoConnectionLeaks();
  }

  @Test
  void followsARedirectFromOutsideIntoTheMesh() throws Exception {
    assertThat(send(get("http://127.0.0.1:" + two.port() + "/elsewhere")))
        .startsWith("one path=/landed host=pay ");
    assertThat(mesh.events).containsExactly("begin GET /landed", "end 200");
  }

  @Test
  void doesNotGoOnWithAConnectionThatAnotherHopLeftForTheSameHost() throws Exception {
    client = client.newBuilder().dns(host -> List.of(InetAddress.getLoopbackAddress())).build();
    UnknownAtFirst late = new UnknownAtFirst(mesh);
    Mesh.install(late, new FakeServerMesh());

    assertThat(send(get("http://pay:" + two.port() + "/redirect"))).startsWith("one path=/landed");
    assertThat(two.requests).containsExactly("GET /redirect");
  }

  @Test
  void filesCookiesUnderTheLogicalHost() throws Exception {
    List<Cookie> jar = new ArrayList<>();
    List<String> hosts = new ArrayList<>();
    client =
        client
            .newBuilder()
            .cookieJar(
                new CookieJar() {
                  @Override
                  public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                    hosts.add(url.host());
                    jar.addAll(cookies);
                  }

                  @Override
                  public List<Cookie> loadForRequest(HttpUrl url) {
                    return List.copyOf(jar);
                  }
                })
            .build();

    send(get("http://pay/"));

    assertThat(hosts).containsExactly("pay");
    assertThat(jar.get(0).domain()).isEqualTo("pay");
    assertThat(send(get("http://pay/"))).contains("cookie=from=one");
  }

  @Test
  void answersFromTheCacheWithoutTheMesh(@TempDir Path folder) throws Exception {
    client = client.newBuilder().cache(new Cache(folder.toFile(), 1 << 20)).build();

    send(get("http://pay/cached"));
    mesh.ports.set(0, two.port());

    assertThat(send(get("http://pay/cached"))).startsWith("one path=/cached");
    assertThat(mesh.events).containsExactly("begin GET /cached", "end 200");
    client.cache().close();
  }

  @Test
  void repeatsAnUnsentRequestOnAnotherEndpoint() throws Exception {
    mesh.ports.add(0, closedPort());

    assertThat(send(post("http://pay/x"))).startsWith("one ").endsWith("body=money");
    assertThat(mesh.events).containsExactly("begin POST /x", "retry UNSENT", "end 200");
    assertNoConnectionLeaks();
  }

  @Test
  void repeatsAGetWhoseConnectionDiedBeforeTheAnswer() throws Exception {
    try (RawServer dying = RawServer.answering("")) {
      mesh.ports.add(0, dying.port());

      assertThat(send(get("http://pay/y"))).startsWith("one path=/y host=pay ");
      assertThat(mesh.events).containsExactly("begin GET /y", "retry SENT", "end 200");
      assertThat(dying.accepted()).isEqualTo(1);
    }
  }

  @Test
  void neverRepeatsAPostThatWasSent() throws Exception {
    try (RawServer dying = RawServer.answering("")) {
      mesh.ports.add(0, dying.port());

      assertThatThrownBy(() -> send(post("http://pay/x"))).isInstanceOf(IOException.class);
      assertThat(mesh.events).startsWith("begin POST /x", "retry SENT").hasSize(3);
      assertThat(dying.accepted()).isEqualTo(1);
      assertThat(one.requests).isEmpty();
    }
  }

  @Test
  void neverRepeatsAPostOverAPooledConnectionThatDied() throws Exception {
    try (RawServer once =
        RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "")) {
      mesh.ports.add(0, once.port());
      assertThat(send(get("http://pay/x"))).isEqualTo("ok");

      assertThatThrownBy(() -> send(post("http://pay/x"))).isInstanceOf(IOException.class);
      assertThat(once.accepted()).isEqualTo(1);
      assertThat(mesh.events).contains("retry SENT");
    }
  }

  @Test
  void takesAFailedHandshakeAsProofThatNothingWasSent() throws Exception {
    int refusing = two.port();
    client = client.newBuilder().socketFactory(new RefusedByHandshake(refusing)).build();
    mesh.ports.add(0, refusing);

    assertThat(send(post("http://pay/x"))).startsWith("one ");
    assertThat(mesh.events).containsExactly("begin POST /x", "retry UNSENT", "end 200");
    assertThat(two.requests).isEmpty();
  }

  @Test
  void repeatsByStatusAndLeaksNoConnection() throws Exception {
    mesh.retried = Set.of(503);
    mesh.ports.add(two.port());

    try (Response response = client.newCall(post("http://pay/broken")).execute()) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.body().string()).startsWith("one ");
    }
    assertThat(mesh.events)
        .containsExactly("begin POST /broken", "drop 503", "drop 503", "end 503");
    assertThat(one.requests).hasSize(2);
    assertThat(two.requests).hasSize(1);
    assertThat(one.connections).hasSize(1);
    assertThat(client.connectionPool().connectionCount()).isEqualTo(2);
    assertNoConnectionLeaks();
  }

  @Test
  void theMeshAnswersInPlaceOfAResponseThatMayNotBeRepeated() throws Exception {
    mesh.retried = Set.of(503);
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");

    try (Response response = client.newCall(post("http://pay/broken")).execute()) {
      assertThat(response.code()).isEqualTo(503);
      assertThat(response.header("x-weft-reason")).isEqualTo("UO; the-budget");
      assertThat(response.body().string()).isEqualTo("spent\n");
    }
    assertThat(mesh.events).containsExactly("begin POST /broken", "drop 503", "end 503");
    assertThat(send(get("http://pay/"))).startsWith("one ");
    assertNoConnectionLeaks();
  }

  @Test
  void theMeshAnswersInPlaceOfAFailureThatMayNotBeRepeated() throws Exception {
    mesh.ports.set(0, closedPort());
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");

    try (Response response = client.newCall(get("http://pay/")).execute()) {
      assertThat(response.code()).isEqualTo(503);
    }
    assertThat(mesh.events).containsExactly("begin GET /", "retry UNSENT", "end 503");
  }

  @Test
  void surfacesTheLibrarysOwnExceptionWhenItGivesUp() throws Exception {
    int closed = closedPort();
    mesh.ports.set(0, closed);

    assertThatThrownBy(() -> send(get("http://pay/")))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("pay/127.0.0.1:" + closed);
    assertThat(mesh.events)
        .containsExactly(
            "begin GET /", "retry UNSENT", "retry UNSENT", "retry UNSENT", "end ConnectException");
    assertThat(client.connectionPool().connectionCount()).isZero();
  }

  @Test
  void surfacesASettingOfTheClientWithoutBlamingAnEndpoint() {
    client = client.newBuilder().connectionSpecs(List.of(ConnectionSpec.MODERN_TLS)).build();

    assertThatThrownBy(() -> send(get("http://pay/"))).isInstanceOf(UnknownServiceException.class);
    assertThat(mesh.events).containsExactly("begin GET /", "end UnknownServiceException");
  }

  @Test
  void endsWithTheRulesTimeout() {
    mesh.timeout = Duration.ofMillis(200);

    assertThatThrownBy(() -> send(get("http://pay/slow")))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("test-rule");
    assertThat(mesh.events)
        .containsExactly("begin GET /slow", "retry SENT", "end SocketTimeoutException");
    assertNoConnectionLeaks();
  }

  @Test
  void boundsTheBodyByTheRulesTimeout() throws Exception {
    mesh.timeout = Duration.ofMillis(300);

    try (Response response = client.newCall(get("http://pay/trickle")).execute()) {
      assertThatThrownBy(() -> response.body().string())
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining("test-rule");
    }
    assertThat(mesh.events).containsExactly("begin GET /trickle", "end SocketTimeoutException");
    assertNoConnectionLeaks();
  }

  @Test
  void keepsTheApplicationsReadTimeout() {
    client = client.newBuilder().readTimeout(Duration.ofMillis(200)).build();

    assertThatThrownBy(() -> send(get("http://pay/slow")))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageNotContaining("test-rule");
    assertThat(mesh.events).containsExactly("begin GET /slow", "end SocketTimeoutException");
  }

  @Test
  void keepsTheApplicationsCallTimeout() {
    client = client.newBuilder().callTimeout(Duration.ofMillis(200)).build();

    assertThatThrownBy(() -> send(get("http://pay/slow"))).hasMessage("timeout");
    assertThat(mesh.events.get(0)).isEqualTo("begin GET /slow");
    assertThat(mesh.events).hasSize(2);
    // None where the machine was too busy to connect in time.
    assertThat(one.requests).hasSizeLessThanOrEqualTo(1);
    assertThat(two.requests).isEmpty();
  }

  @Test
  void connectsWithinTheSmallerLimit() throws Exception {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Socket> fillers = new ArrayList<>();
      try {
        fill(full, fillers);
        mesh.ports.add(0, full.getLocalPort());
        mesh.connectTimeout = Duration.ofMillis(200);

        assertThat(send(get("http://pay/"))).startsWith("one ");
        assertThat(mesh.events).containsExactly("begin GET /", "retry UNSENT", "end 200");
      } finally {
        for (Socket each : fillers) {
          each.close();
        }
      }
    }
  }

  /** Until nobody is let into the backlog any more. */
  private static void fill(ServerSocket server, List<Socket> fillers) throws IOException {
    for (int i = 0; i < 64; i++) {
      Socket socket = new Socket();
      fillers.add(socket);
      try {
        socket.connect(server.getLocalSocketAddress(), 100);
      } catch (SocketTimeoutException e) {
        return;
      }
    }
  }

  @Test
  void cancelsTheExchangeOnTheWire() {
    Call call = client.newCall(get("http://pay/slow"));
    CompletableFuture<Object> outcome = enqueue(call);
    await().until(() -> !one.requests.isEmpty());

    call.cancel();

    assertThat(outcome.join()).isInstanceOf(IOException.class);
    assertThat(mesh.events).hasSize(2).startsWith("begin GET /slow");
    assertThat(one.requests).hasSize(1);
  }

  @Test
  void answersQueuedCalls() throws Exception {
    mesh.ports.add(0, closedPort());

    Object outcome = enqueue(client.newCall(get("http://pay/async"))).join();

    assertThat(((Response) outcome).body().string()).startsWith("one path=/async");
    assertThat(mesh.events).containsExactly("begin GET /async", "retry UNSENT", "end 200");
  }

  @Test
  void anEnqueuedCallBelongsToTheRequestThatItsCallerServes() {
    mesh.serving.set("inbound");
    enqueue(client.newCall(get("http://pay/for"))).join();
    mesh.serving.remove();
    enqueue(client.newCall(get("http://pay/alone"))).join();

    assertThat(mesh.beganFor).containsExactly("inbound", "null");
  }

  private static CompletableFuture<Object> enqueue(Call call) {
    CompletableFuture<Object> outcome = new CompletableFuture<>();
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException failure) {
            outcome.complete(failure);
          }

          @Override
          public void onResponse(Call answered, Response response) {
            outcome.complete(response);
          }
        });
    return outcome;
  }

  @Test
  void endsWhenTheBodyIsClosedUnread() throws Exception {
    Response response = client.newCall(get("http://pay/")).execute();
    assertThat(mesh.events).containsExactly("begin GET /");

    response.close();

    assertThat(mesh.events).containsExactly("begin GET /", "end 200");
  }

  @Test
  void endsWhenTheBodyIsForgotten() throws Exception {
    client.newCall(get("http://pay/forgotten")).execute();

    await()
        .untilAsserted(
            () -> {
              System.gc();
              send(get("http://pay/"));
              assertThat(mesh.events.stream().filter(event -> event.equals("end 200")).count())
                  .isEqualTo(
                      mesh.events.stream().filter(event -> event.startsWith("begin")).count());
            });
  }

  @Test
  void endsWhenThereIsNoBody() throws Exception {
    client.newCall(new Request.Builder().url("http://pay/").head().build()).execute();

    assertThat(mesh.events).containsExactly("begin HEAD /", "end 200");
  }

  @Test
  void repeatsNoBodyThatIsWrittenOnce() throws Exception {
    mesh.retried = Set.of(503);
    RequestBody once =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return null;
          }

          @Override
          public boolean isOneShot() {
            return true;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8("money");
          }
        };

    try (Response response =
        client
            .newCall(new Request.Builder().url("http://pay/broken").post(once).build())
            .execute()) {
      assertThat(response.body().string()).endsWith("body=money");
    }
    assertThat(mesh.events).containsExactly("begin POST /broken", "end 503");
  }

  @Test
  void surfacesWhatTheApplicationsBodyThrows() {
    RequestBody failing =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return null;
          }

          @Override
          public void writeTo(BufferedSink sink) {
            throw new IllegalArgumentException("no money");
          }
        };

    assertThatThrownBy(() -> send(new Request.Builder().url("http://pay/").post(failing).build()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(mesh.events).containsExactly("begin POST /", "end IllegalArgumentException");
    assertNoConnectionLeaks();
  }

  @Test
  void firesTheApplicationsEventsInPairs() throws Exception {
    mesh.ports.add(0, closedPort());
    List<String> events = new CopyOnWriteArrayList<>();
    client =
        client
            .newBuilder()
            .eventListener(
                new EventListener() {
                  @Override
                  public void callStart(Call call) {
                    events.add("call " + call.request().url());
                  }

                  @Override
                  public void connectFailed(
                      Call call,
                      InetSocketAddress address,
                      Proxy proxy,
                      Protocol protocol,
                      IOException failure) {
                    events.add("failed " + address.getHostString());
                  }

                  @Override
                  public void connectionAcquired(Call call, Connection connection) {
                    events.add("acquired");
                  }

                  @Override
                  public void connectionReleased(Call call, Connection connection) {
                    events.add("released");
                  }

                  @Override
                  public void callEnd(Call call) {
                    events.add("end");
                  }
                })
            .build();

    send(get("http://pay/"));

    assertThat(events)
        .containsExactly("call http://pay/", "failed pay", "acquired", "released", "end");
  }

  @Test
  void routesTheHandshakeOfAWebSocket() throws Exception {
    try (RawServer raw = RawServer.webSocket()) {
      mesh.ports.set(0, raw.port());
      CompletableFuture<String> opened = new CompletableFuture<>();

      WebSocket socket =
          client.newWebSocket(
              get("http://pay/ws"),
              new WebSocketListener() {
                @Override
                public void onOpen(WebSocket open, Response response) {
                  opened.complete(response.request().url().toString());
                }

                @Override
                public void onFailure(WebSocket failed, Throwable failure, Response response) {
                  opened.completeExceptionally(failure);
                }
              });

      assertThat(opened.get(10, TimeUnit.SECONDS)).isEqualTo("http://pay/ws");
      assertThat(mesh.events).containsExactly("begin GET /ws", "end 101");
      assertThat(raw.received()).contains("Host: pay\r\n");
      socket.cancel();
    }
  }

  @Test
  void routesHostsThatAreNoneToAUri() throws Exception {
    Mesh.install(
        new ClientMesh() {
          @Override
          public boolean knows(String host) {
            return host.equals("my_pay");
          }

          @Override
          public ClientExchange begin(String library, OutboundRequest request) {
            return mesh.begin(library, request);
          }
        },
        new FakeServerMesh());

    assertThat(send(get("http://my_pay/x"))).startsWith("one path=/x host=my_pay");
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** A mesh that learns of its service after the first request. */
  private record UnknownAtFirst(FakeClientMesh mesh, AtomicBoolean asked) implements ClientMesh {
    UnknownAtFirst(FakeClientMesh mesh) {
      this(mesh, new AtomicBoolean());
    }

    @Override
    public boolean knows(String host) {
      return asked.getAndSet(true) && mesh.knows(host);
    }

    @Override
    public ClientExchange begin(String library, OutboundRequest request) {
      return mesh.begin(library, request);
    }
  }

  /** Sockets that, once connected to one port, throw what the wire layer throws. */
  private static final class RefusedByHandshake extends UnconnectedSockets {
    private final int refusing;

    RefusedByHandshake(int refusing) {
      this.refusing = refusing;
    }

    @Override
    public Socket createSocket() {
      return new Socket() {
        @Override
        public InputStream getInputStream() throws IOException {
          InputStream in = super.getInputStream();
          if (getPort() != refusing) {
            return in;
          }
          return new InputStream() {
            @Override
            public int read() throws IOException {
              throw new MeshHandshakeException("peer proved another identity");
            }
          };
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
          OutputStream out = super.getOutputStream();
          if (getPort() != refusing) {
            return out;
          }
          return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
              throw new MeshHandshakeException("peer proved another identity");
            }
          };
        }
      };
    }
  }
}
