package dev.weft.instrumentation.javanethttp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Weaver;
import dev.weft.instrumentation.testing.Woven;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(30)
class JavaNetHttpTest {
  @RegisterExtension static final Woven WOVEN = Woven.by(new JavaNetHttpInstrumentation());

  private final FakeClientMesh mesh = new FakeClientMesh();
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger slowRequests = new AtomicInteger();
  private HttpServer one;
  private HttpServer two;
  private HttpClient client;
  private volatile Headers received;

  @BeforeEach
  void start() throws IOException {
    Mesh.install(mesh, new FakeServerMesh());
    one = server("one");
    two = server("two");
    mesh.ports.add(one.getAddress().getPort());
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterEach
  void stop() {
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
          received = exchange.getRequestHeaders();
          if (exchange.getRequestURI().getPath().equals("/slow")) {
            slowRequests.incrementAndGet();
            awaitRelease();
          }
          if (exchange.getRequestURI().getPath().equals("/slow-or-busy") && name.equals("two")) {
            awaitRelease();
          }
          if (exchange.getRequestURI().getPath().endsWith("busy") && name.equals("one")) {
            exchange.sendResponseHeaders(503, 5);
            exchange.getResponseBody().write("later".getBytes(StandardCharsets.UTF_8));
            exchange.close();
            return;
          }
          if (exchange.getRequestURI().getPath().equals("/redirect")) {
            exchange.getResponseHeaders().set("Location", "/landed");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
            return;
          }
          String body =
              name
                  + " host="
                  + exchange.getRequestHeaders().getFirst("Host")
                  + " trace="
                  + exchange.getRequestHeaders().getFirst("traceparent")
                  + " path="
                  + exchange.getRequestURI()
                  + " body="
                  + new String(sent, StandardCharsets.UTF_8);
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Server-Name", name);
          exchange.sendResponseHeaders(200, bytes.length);
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

  private static HttpRequest get(String path) {
    return HttpRequest.newBuilder(URI.create("http://pay:8080" + path)).build();
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, BodyHandlers.ofString());
  }

  @Test
  void everyWovenMethodExists() {
    assertThat(
            Weaver.unmatched(
                new JavaNetHttpInstrumentation(), ClassLoader.getPlatformClassLoader()))
        .isEmpty();
  }

  @Test
  void dialsTheEndpointAndKeepsTheLogicalHost() throws Exception {
    HttpRequest request = get("/a?b=c");

    HttpResponse<String> response = send(request);

    assertThat(response.body()).startsWith("one host=pay:8080");
    assertThat(response.uri()).isEqualTo(request.uri());
    assertThat(response.request()).isSameAs(request);
    assertThat(mesh.events).containsExactly("begin GET /a?b=c", "end 200");
  }

  @Test
  void leavesOtherHostsAlone() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + two.getAddress().getPort() + "/");

    assertThat(send(HttpRequest.newBuilder(uri).build()).body()).startsWith("two ");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void leavesRequestsAloneForWhichTheApplicationChoseAProxy() throws Exception {
    client =
        HttpClient.newBuilder()
            .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", two.getAddress().getPort())))
            .build();

    assertThat(send(get("/")).body()).startsWith("two ");
    assertThat(mesh.events).isEmpty();
  }

  @Test
  void editsHeadersOnTheWireAndInTheResponseOnly() throws Exception {
    mesh.requestHeaders =
        List.of(
            new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"),
            new HeaderChange(HeaderChange.Kind.SET, "Host", "elsewhere"));
    mesh.responseHeaders =
        List.of(
            new HeaderChange(HeaderChange.Kind.REMOVE, "server-name", ""),
            new HeaderChange(HeaderChange.Kind.ADD, "x-added", "1"));

    HttpResponse<String> response = send(get("/"));

    assertThat(response.body()).startsWith("one host=pay:8080 trace=00-abc");
    assertThat(response.headers().firstValue("Server-Name")).isEmpty();
    assertThat(response.headers().firstValue("x-added")).contains("1");
    assertThat(response.request().headers().map()).isEmpty();
  }

  @Test
  void addsToTheHeadersOfTheApplication() throws Exception {
    mesh.requestHeaders =
        List.of(
            new HeaderChange(HeaderChange.Kind.ADD, "Traceparent", "second"),
            new HeaderChange(HeaderChange.Kind.REMOVE, "x-internal", ""));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://pay:8080/"))
            .header("traceparent", "first")
            .header("x-internal", "secret")
            .build();

    send(request);

    assertThat(received.get("traceparent")).containsExactly("first", "second");
    assertThat(received.get("x-internal")).isNull();
    assertThat(request.headers().map()).containsOnlyKeys("traceparent", "x-internal");
  }

  @Test
  void sendsTheUserAgentThatPolicyWantsInPlaceOfTheClients() throws Exception {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "user-agent", "mesh"));

    send(get("/"));

    assertThat(received.get("User-Agent")).containsExactly("mesh");
  }

  @Test
  void sendsTheClientsUserAgentInPlaceOfOneThatPolicyRemoves() throws Exception {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.REMOVE, "user-agent", ""));

    send(
        HttpRequest.newBuilder(URI.create("http://pay:8080/"))
            .header("User-Agent", "application")
            .build());

    assertThat(received.get("User-Agent"))
        .singleElement()
        .asString()
        .startsWith("Java-http-client");
  }

  @Test
  void editsPassTheClientsOwnChecks() {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "x-tag", "a\r\nb: c"));

    assertThatThrownBy(() -> send(get("/"))).isInstanceOf(IllegalArgumentException.class);
    assertThat(received).isNull();
  }

  @Test
  void asksTheApplicationForAProxyOnce() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    client =
        HttpClient.newBuilder()
            .proxy(
                new ProxySelector() {
                  @Override
                  public List<Proxy> select(URI uri) {
                    asked.incrementAndGet();
                    return List.of(Proxy.NO_PROXY);
                  }

                  @Override
                  public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
                })
            .build();

    assertThat(send(get("/")).body()).startsWith("one ");
    assertThat(asked).hasValue(1);
  }

  @Test
  void repliesLocally() throws Exception {
    mesh.reply = new LocalReply(503, "UH", "HTTPRoute default/pay", "no endpoint");

    HttpResponse<String> response = send(get("/"));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("x-weft-reason"))
        .contains("UH; HTTPRoute default/pay");
    assertThat(response.body()).isEqualTo("no endpoint\n");
  }

  @Test
  void repeatsAnUnsentPostOnAnotherEndpoint() throws Exception {
    mesh.ports.add(0, closedPort());
    HttpRequest post =
        HttpRequest.newBuilder(URI.create("http://pay/x"))
            .POST(HttpRequest.BodyPublishers.ofString("money"))
            .build();

    assertThat(send(post).body()).startsWith("one host=pay ").endsWith("body=money");
    assertThat(mesh.events).containsExactly("begin POST /x", "retry UNSENT", "end 200");
  }

  @Test
  void repeatsAGetWhoseConnectionDiedBeforeTheAnswer() throws Exception {
    try (ServerSocket dying = dyingServer()) {
      mesh.ports.add(0, dying.getLocalPort());

      assertThat(send(get("/")).body()).startsWith("one ");
      assertThat(mesh.events).containsExactly("begin GET /", "retry SENT", "end 200");
    }
  }

  @Test
  void neverRepeatsAPostThatWasSent() throws Exception {
    try (ServerSocket dying = dyingServer()) {
      mesh.ports.add(0, dying.getLocalPort());
      HttpRequest post =
          HttpRequest.newBuilder(URI.create("http://pay/x"))
              .POST(HttpRequest.BodyPublishers.ofString("money"))
              .build();

      assertThatThrownBy(() -> send(post)).isInstanceOf(IOException.class);
      assertThat(mesh.events).containsExactly("begin POST /x", "retry SENT", "end IOException");
    }
  }

  @Test
  void surfacesTheLibrarysOwnExceptionWhenItGivesUp() throws Exception {
    mesh.ports.clear();
    mesh.ports.add(closedPort());

    assertThatThrownBy(() -> send(get("/"))).isInstanceOf(java.net.ConnectException.class);
  }

  @Test
  void endsWithTheRulesTimeout() {
    mesh.timeout = Duration.ofMillis(200);

    assertThatThrownBy(() -> send(get("/slow")))
        .isInstanceOf(HttpTimeoutException.class)
        .hasMessageContaining("test-rule");
    assertThat(mesh.events).contains("end HttpTimeoutException");
  }

  /** Each would be a switch of threads. */
  @Test
  void aTimeLimitDoesNotMoveTheClientsOwnBodiesToAnotherThread() throws Exception {
    mesh.timeout = Duration.ofSeconds(20);
    AtomicInteger moved = new AtomicInteger();
    client = HttpClient.newBuilder().executor(countingBodies(moved)).build();

    assertThat(send(get("/")).body()).startsWith("one ");
    assertThat(moved).hasValue(0);

    HttpResponse<String> own =
        client.send(
            get("/"),
            head -> BodySubscribers.mapping(BodySubscribers.ofString(UTF_8), body -> body));
    assertThat(own.body()).startsWith("one ");
    assertThat(moved).hasValue(1); // a function of the application may block
  }

  /** Counts what is run elsewhere to get a body. */
  private static Executor countingBodies(AtomicInteger count) {
    Executor threads = Executors.newCachedThreadPool();
    return task -> {
      StackWalker.getInstance()
          .walk(frames -> frames.filter(f -> f.getMethodName().equals("getBodyAsync")).findFirst())
          .ifPresent(frame -> count.incrementAndGet());
      threads.execute(task);
    };
  }

  @Test
  void keepsTheApplicationsOwnTimeout() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://pay/slow"))
            .timeout(Duration.ofMillis(200))
            .build();

    assertThatThrownBy(() -> send(request))
        .isInstanceOf(HttpTimeoutException.class)
        .hasMessage("request timed out");
  }

  @Test
  void sendsAsynchronously() throws Exception {
    mesh.ports.add(0, closedPort());

    CompletableFuture<String> body =
        client.sendAsync(get("/"), BodyHandlers.ofString()).thenApply(HttpResponse::body);

    assertThat(body.get()).startsWith("one ");
  }

  @Test
  void cancellingADependentStageCancelsTheExchange() {
    CompletableFuture<String> body =
        client.sendAsync(get("/slow"), BodyHandlers.ofString()).thenApply(HttpResponse::body);
    await().until(() -> slowRequests.get() == 1);

    body.cancel(true);

    assertThat(body).isCancelled();
    await()
        .untilAsserted(
            () -> assertThat(mesh.events).contains("end CancellationException").hasSize(2));
  }

  @Test
  void followsRedirectsOnTheSameEndpoint() throws Exception {
    client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"));

    HttpResponse<String> response = send(get("/redirect"));

    assertThat(response.body()).startsWith("one ").contains("trace=00-abc");
    assertThat(response.uri()).isEqualTo(URI.create("http://pay:8080/landed"));
    assertThat(response.previousResponse()).isPresent();
  }

  @Test
  void poolsConnectionsPerEndpoint() throws Exception {
    send(get("/"));
    mesh.ports.set(0, two.getAddress().getPort());

    assertThat(send(get("/")).body()).startsWith("two ");
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

  private HttpRequest post(String path, HttpRequest.BodyPublisher body) {
    return HttpRequest.newBuilder(URI.create("http://pay:8080" + path)).POST(body).build();
  }

  @Test
  void anAnswerThatTheMeshDropsIsFollowedByAnotherEndpointsWithTheSameBody() throws Exception {
    mesh.ports.add(two.getAddress().getPort());
    mesh.retried = Set.of(503);

    HttpResponse<String> response =
        send(post("/busy", HttpRequest.BodyPublishers.ofString("twice")));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).startsWith("two").endsWith("body=twice");
    assertThat(mesh.events).containsExactly("begin POST /busy", "drop 503", "end 200");
  }

  @Test
  void theMeshAnswersInPlaceOfAResponseThatMayNotBeRepeated() throws Exception {
    mesh.retried = Set.of(503);
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");

    HttpResponse<String> response = send(get("/busy"));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).isEqualTo("spent\n");
    assertThat(response.headers().firstValue("x-weft-reason")).contains("UO; the-budget");
    assertThat(mesh.events).containsExactly("begin GET /busy", "drop 503", "end 503");
  }

  @Test
  void theMeshAnswersInPlaceOfAFailureThatMayNotBeRepeated() throws Exception {
    mesh.ports.set(0, closedPort());
    mesh.retries = 0;
    mesh.overspent = new LocalReply(503, "UO", "the-budget", "spent");

    HttpResponse<String> response = send(get("/"));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(mesh.events).containsExactly("begin GET /", "retry UNSENT", "end 503");
  }

  @Test
  void aStreamedBodyIsSentOnceWhateverTheAnswer() throws Exception {
    mesh.ports.add(two.getAddress().getPort());
    mesh.retried = Set.of(503);

    HttpResponse<String> response =
        send(
            post(
                "/busy",
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new ByteArrayInputStream(new byte[] {'1'}))));

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).isEqualTo("later");
  }

  /** Accepts one connection and waits for its end; says nothing. */
  private CompletableFuture<Void> silent(ServerSocket server) {
    return CompletableFuture.runAsync(
        () -> {
          try (Socket socket = server.accept()) {
            int first = socket.getInputStream().read();
            slowRequests.incrementAndGet();
            for (int next = first; next >= 0; next = socket.getInputStream().read()) {
              // whatever it says
            }
          } catch (IOException e) {
            // a reset is an end, too
          }
        });
  }

  @Test
  void anUnansweredAttemptIsRacedAndItsConnectionClosedWhenItLoses() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> ended = silent(server);
      mesh.ports.add(0, server.getLocalPort());
      mesh.hedgeDelay = Duration.ofMillis(20);

      HttpResponse<String> response = send(get("/x"));

      assertThat(response.body()).startsWith("one ");
      ended.get(10, TimeUnit.SECONDS);
      assertThat(mesh.events).startsWith("begin GET /x", "hedge").contains("end 200");
    }
  }

  @Test
  void anAttemptThatIsAnsweredInTimeIsNotRaced() throws Exception {
    mesh.ports.add(two.getAddress().getPort());
    mesh.hedgeDelay = Duration.ofSeconds(20);

    assertThat(send(get("/x")).body()).startsWith("one ");
    assertThat(mesh.events).containsExactly("begin GET /x", "end 200");
  }

  @Test
  void theFirstAttemptMayWinAgainstARivalThatFails() throws Exception {
    mesh.ports.add(closedPort());
    mesh.hedgeDelay = Duration.ofMillis(1);
    CompletableFuture<HttpResponse<String>> sent =
        client.sendAsync(get("/slow"), BodyHandlers.ofString());

    await().until(() -> mesh.events.contains("leave UNSENT"));
    release.countDown();

    assertThat(sent.get().body()).startsWith("one ");
    assertThat(mesh.events).containsExactly("begin GET /slow", "hedge", "leave UNSENT", "end 200");
  }

  @Test
  void anAnswerThatIsToBeRepeatedWaitsForTheRival() throws Exception {
    mesh.ports.add(two.getAddress().getPort());
    mesh.retried = Set.of(503);
    mesh.hedgeDelay = Duration.ofMillis(1);
    mesh.ports.set(1, mesh.ports.get(0));
    mesh.ports.set(0, two.getAddress().getPort());
    CompletableFuture<HttpResponse<String>> sent =
        client.sendAsync(get("/slow-or-busy"), BodyHandlers.ofString());

    await().until(() -> mesh.events.contains("drop 503"));
    release.countDown();

    assertThat(sent.get().body()).startsWith("two ");
    assertThat(mesh.events)
        .containsExactly("begin GET /slow-or-busy", "hedge", "drop 503", "end 200");
  }

  @Test
  void toCancelARaceIsToCancelAllItsAttempts() throws Exception {
    try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<CompletableFuture<Void>> ended = List.of(silent(first), silent(second));
      mesh.ports.set(0, first.getLocalPort());
      mesh.ports.add(second.getLocalPort());
      mesh.hedgeDelay = Duration.ofMillis(1);
      CompletableFuture<HttpResponse<String>> sent =
          client.sendAsync(get("/x"), BodyHandlers.ofString());
      await().until(() -> slowRequests.get() == 2);

      sent.cancel(true);

      for (CompletableFuture<Void> end : ended) {
        end.get(10, TimeUnit.SECONDS);
      }
      await().until(() -> mesh.events.contains("end CancellationException"));
    }
  }

  @Test
  void theBytesOfABodyCanBeCopied() {
    HttpRequest request = post("/", HttpRequest.BodyPublishers.ofString("copied"));
    assertThat(new ApplicationRequest(client, request).bytes())
        .isEqualTo("copied".getBytes(StandardCharsets.UTF_8));
    HttpRequest large = post("/", HttpRequest.BodyPublishers.ofByteArray(new byte[64 * 1024 + 1]));
    assertThat(new ApplicationRequest(client, large).bytes()).isNull();
    assertThat(new ApplicationRequest(client, large).body()).isEqualTo(OutboundRequest.Body.ONCE);
  }

  @Test
  void whatPolicyRewritesIsAskedForAndTheApplicationSeesItsOwn() throws Exception {
    mesh.target = new Target(Optional.of("pay.example:81"), Optional.of("/v2/x?y=1"));

    HttpResponse<String> response = send(get("/v1/x?y=1"));

    assertThat(response.body()).contains(" path=/v2/x?y=1 ", " host=pay.example:81 ");
    assertThat(response.uri()).isEqualTo(URI.create("http://pay:8080/v1/x?y=1"));
    assertThat(response.request().uri()).isEqualTo(response.uri());
  }

  @Test
  void waitsAsLongAsTheMeshSaysBeforeItSends() throws Exception {
    mesh.pause = Duration.ofMillis(50);
    long start = System.nanoTime();

    assertThat(send(get("/")).statusCode()).isEqualTo(200);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
  }

  @Test
  void cancellingDuringThePauseSendsNothing() throws Exception {
    mesh.pause = Duration.ofMillis(100);
    CompletableFuture<HttpResponse<String>> sent =
        client.sendAsync(get("/slow"), BodyHandlers.ofString());
    sent.cancel(true);

    await().until(() -> mesh.events.contains("end CancellationException"));
    assertThat(slowRequests).hasValue(0);
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

    HttpResponse<String> response = send(get("/"));

    assertThat(response.statusCode()).isEqualTo(302);
    assertThat(response.headers().firstValue("location")).contains("http://elsewhere/");
    assertThat(response.headers().firstValue("x-weft-reason")).isEmpty();
    assertThat(response.body()).isEmpty();
  }
}
