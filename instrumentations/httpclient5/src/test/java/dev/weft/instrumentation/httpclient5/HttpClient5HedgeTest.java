package dev.weft.instrumentation.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.testing.EchoSockets;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Woven;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPut;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Races of the classic client: as a rule the first endpoint never answers, the second one does. */
@Timeout(60)
@SuppressWarnings("deprecation") // what newer versions have in its place, the oldest has not
class HttpClient5HedgeTest {
  @RegisterExtension static final Woven WOVEN = Woven.by(new HttpClient5Instrumentation());

  private final FakeClientMesh mesh = new FakeClientMesh();
  private final PoolingHttpClientConnectionManager pool = new PoolingHttpClientConnectionManager();
  private CloseableHttpClient client;
  private EchoSockets silent;
  private EchoSockets mute;
  private EchoServer one;

  @BeforeEach
  void start() throws IOException {
    Mesh.install(mesh, new FakeServerMesh());
    silent = new EchoSockets();
    mute = new EchoSockets();
    one = new EchoServer("one");
    mesh.ports.addAll(List.of(silent.port(), one.port()));
    mesh.hedgeDelay = Duration.ofMillis(20);
    client = HttpClientBuilder.create().setConnectionManager(pool).build();
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    one.close();
    silent.close();
    mute.close();
  }

  private static HttpGet get(String path) {
    return new HttpGet("http://pay" + path);
  }

  private String send(HttpUriRequestBase request) throws IOException {
    try (CloseableHttpResponse response = client.execute(request)) {
      return new String(EntityUtils.toByteArray(response.getEntity()), StandardCharsets.UTF_8);
    }
  }

  /** On a thread of its own, which it tells. */
  private CompletableFuture<String> sending(
      HttpUriRequestBase request, AtomicReference<Thread> caller) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                answer.complete(send(request));
              } catch (IOException e) {
                answer.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    caller.set(thread);
    thread.start();
    return answer;
  }

  private CompletableFuture<String> sending(HttpUriRequestBase request) {
    return sending(request, new AtomicReference<>());
  }

  private void assertNoConnectionLeaks() {
    await()
        .untilAsserted(
            () -> {
              assertThat(silent.open() + mute.open()).isZero();
              assertThat(pool.getTotalStats().getLeased()).isZero();
              assertThat(pool.getTotalStats().getPending()).isZero();
            });
  }

  /** Two endpoints that never answer. */
  private void nobodyAnswers() {
    mesh.ports.set(1, mute.port());
  }

  private boolean bothAreAsked() {
    return silent.heads.size() + mute.heads.size() == 2;
  }

  /** Takes connections, and hears nothing. */
  private static ServerSocket deaf() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @Test
  void anUnansweredAttemptIsRacedAndItsConnectionClosedWhenItLoses() throws Exception {
    assertThat(send(get("/silent"))).startsWith("one GET /silent host=pay ");

    assertNoConnectionLeaks();
    assertThat(silent.heads).hasSize(1);
    assertThat(mesh.events).containsExactly("begin GET /silent", "hedge", "end 200");
  }

  @Test
  void theConnectionThatWonIsUsedAgain() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(send(get("/silent"))).startsWith("one ");
    }

    assertThat(one.connections()).isEqualTo(1);
    assertNoConnectionLeaks();
  }

  @Test
  void aBodyIsSentByEachRival() throws Exception {
    HttpPut put = new HttpPut("http://pay/silent");
    put.setEntity(new StringEntity("money"));

    assertThat(send(put)).startsWith("one PUT ").endsWith("body=money");

    assertNoConnectionLeaks();
    assertThat(silent.heads.get(0)).contains("Content-Length: 5");
  }

  @Test
  void anAttemptThatIsAnsweredInTimeIsNotRaced() throws Exception {
    mesh.ports.remove(0);
    mesh.hedgeDelay = Duration.ofSeconds(20);

    assertThat(send(get("/x"))).startsWith("one ");

    assertThat(mesh.events).containsExactly("begin GET /x", "end 200");
  }

  @Test
  void theFirstAttemptMayWinAgainstARivalThatFails() throws Exception {
    mesh.ports.clear();
    mesh.ports.addAll(List.of(one.port(), closedPort()));
    CompletableFuture<String> answer = sending(get("/slow"));
    await().until(() -> mesh.events.contains("leave UNSENT"));

    one.release();

    assertThat(answer.get()).startsWith("one ");
    assertThat(mesh.events).containsExactly("begin GET /slow", "hedge", "leave UNSENT", "end 200");
    assertNoConnectionLeaks();
  }

  @Test
  void aRivalMayWinAfterTheFirstAttemptHasFailed() throws Exception {
    try (ServerSocket first = deaf()) {
      mesh.ports.set(0, first.getLocalPort());
      CompletableFuture<String> answer = sending(get("/slow"));
      await().until(() -> one.requests() == 1);

      first.close();
      await().until(() -> mesh.events.contains("leave SENT"));
      one.release();

      assertThat(answer.get()).startsWith("one ");
      assertThat(mesh.events).containsExactly("begin GET /slow", "hedge", "leave SENT", "end 200");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void anAnswerThatIsToBeRepeatedWaitsForTheRival() throws Exception {
    mesh.retried = Set.of(503);
    mesh.retries = 1;
    try (EchoServer busy = new EchoServer("busy")) {
      mesh.ports.clear();
      mesh.ports.addAll(List.of(busy.port(), one.port()));
      CompletableFuture<String> answer = sending(get("/slow/503"));
      await().until(() -> one.requests() == 1);

      busy.release();
      await().until(() -> mesh.events.contains("drop 503"));
      one.release();

      assertThat(answer.get()).isEqualTo("one");
      assertThat(mesh.events)
          .containsExactly("begin GET /slow/503", "hedge", "drop 503", "end 503");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void theFailureOfTheLastAttemptIsTheApplications() throws Exception {
    try (ServerSocket first = deaf();
        ServerSocket second = deaf()) {
      mesh.ports.clear();
      mesh.ports.addAll(List.of(first.getLocalPort(), second.getLocalPort()));
      mesh.retries = 0;
      CompletableFuture<String> answer = sending(get("/x"));
      await().until(() -> mesh.events.contains("hedge"));

      first.close();
      await().until(() -> mesh.events.contains("leave SENT"));
      second.close();

      assertThatThrownBy(answer::get).hasCauseInstanceOf(IOException.class);
      assertThat(mesh.events)
          .startsWith("begin GET /x", "hedge", "leave SENT", "retry SENT")
          .last()
          .asString()
          .startsWith("end ");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void aRivalForWhichThePoolHasNoConnectionHarmsNobody() throws Exception {
    pool.setMaxTotal(1);
    try (EchoServer two = new EchoServer("two")) {
      mesh.ports.clear();
      mesh.ports.addAll(List.of(one.port(), two.port()));
      CompletableFuture<String> answer = sending(get("/slow"));
      await().until(() -> pool.getTotalStats().getPending() == 1);

      one.release();

      assertThat(answer.get()).startsWith("one ");
      assertNoConnectionLeaks();
      assertThat(send(get("/x"))).startsWith("one ");
      assertThat(two.requests()).isZero();
    }
  }

  @Test
  void toCancelARaceIsToCancelAllItsAttempts() {
    nobodyAnswers();
    HttpGet request = get("/silent");
    CompletableFuture<String> answer = sending(request);
    await().until(this::bothAreAsked);

    request.cancel();

    assertThatThrownBy(answer::get).hasCauseInstanceOf(IOException.class);
    assertNoConnectionLeaks();
    assertThat(mesh.events).hasSize(3).last().asString().startsWith("end ");
  }

  @Test
  void toCancelARequestIsToCancelTheRivalThatItWaitsFor() throws Exception {
    try (ServerSocket first = deaf()) {
      mesh.ports.clear();
      mesh.ports.addAll(List.of(first.getLocalPort(), silent.port()));
      HttpGet request = get("/silent");
      CompletableFuture<String> answer = sending(request);
      await().until(() -> silent.heads.size() == 1);
      first.close();
      await().until(() -> mesh.events.contains("leave SENT"));

      request.cancel();

      assertThatThrownBy(answer::get).hasRootCauseMessage("Request aborted");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void toCancelARequestIsToCancelTheResponseOfTheRivalThatWon() throws Exception {
    HttpGet request = get("/stuck");
    try (ServerSocket first = deaf()) {
      mesh.ports.set(0, first.getLocalPort());
      try (CloseableHttpResponse response = client.execute(request)) {
        InputStream body = response.getEntity().getContent();
        assertThat(body.read()).isEqualTo('a');

        request.cancel();

        assertThatThrownBy(body::read).isInstanceOf(IOException.class);
      } catch (IOException e) {
        // to close what was cancelled is to read on
      }
      assertNoConnectionLeaks();
      assertThat(mesh.events).hasSize(3).last().asString().startsWith("end ");
    }
  }

  @Test
  void theLimitOfTheRequestEndsAllItsAttempts() {
    mesh.timeout = Duration.ofSeconds(2);
    nobodyAnswers();

    assertThatThrownBy(() -> send(get("/silent")))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessage("request timed out: UT; test-rule");

    assertThat(bothAreAsked()).isTrue();
    assertNoConnectionLeaks();
  }

  @Test
  void theLimitOfTheRequestHoldsForTheResponseOfARival() throws Exception {
    mesh.timeout = Duration.ofSeconds(2);
    try (ServerSocket first = deaf()) {
      mesh.ports.set(0, first.getLocalPort());

      assertThatThrownBy(() -> send(get("/stuck")))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessage("request timed out: UT; test-rule");

      assertThat(mesh.events).contains("hedge");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void anInterruptedCallerWaitsForNoRival() throws Exception {
    try (ServerSocket first = deaf()) {
      mesh.ports.clear();
      mesh.ports.addAll(List.of(first.getLocalPort(), silent.port()));
      AtomicReference<Thread> caller = new AtomicReference<>();
      CompletableFuture<String> answer = sending(get("/silent"), caller);
      await().until(() -> silent.heads.size() == 1);
      first.close();
      await().until(() -> mesh.events.contains("leave SENT"));

      caller.get().interrupt();

      assertThatThrownBy(answer::get)
          .hasCauseInstanceOf(InterruptedIOException.class)
          .hasRootCauseMessage("Request interrupted");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void aDialThatGetsNowhereLosesAtOnce() throws Exception {
    mesh.connectTimeout = Duration.ofMinutes(5);
    List<Socket> queued = new ArrayList<>();
    try (ServerSocket full = full(queued)) {
      mesh.ports.set(0, full.getLocalPort());

      assertThat(send(get("/x"))).startsWith("one ");

      assertThat(mesh.events).containsExactly("begin GET /x", "hedge", "end 200");
      assertNoConnectionLeaks();
    } finally {
      for (Socket socket : queued) {
        socket.close();
      }
    }
  }

  /** Takes no connections any more: its queue is full. */
  private static ServerSocket full(List<Socket> queued) throws IOException {
    ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    while (true) {
      Socket socket = new Socket();
      queued.add(socket);
      try {
        socket.connect(server.getLocalSocketAddress(), 300);
      } catch (SocketTimeoutException e) {
        return server;
      }
    }
  }

  @Test
  void interceptorsOfTheApplicationRunOnceOnItsThread() throws Exception {
    List<String> threads = new CopyOnWriteArrayList<>();
    client.close();
    client =
        HttpClientBuilder.create()
            .addRequestInterceptorLast(
                (request, entity, context) -> threads.add(Thread.currentThread().getName()))
            .addResponseInterceptorLast(
                (response, entity, context) -> threads.add(Thread.currentThread().getName()))
            .build();

    assertThat(send(get("/silent"))).startsWith("one ");

    String caller = Thread.currentThread().getName();
    assertThat(threads).containsExactly(caller, caller);
  }

  @Test
  void aRedirectOfTheRivalIsFollowed() throws Exception {
    try (ServerSocket first = deaf()) {
      mesh.ports.set(0, first.getLocalPort());

      assertThat(send(get("/redirect"))).startsWith("one GET /landed ");

      assertThat(mesh.events)
          .containsExactly(
              "begin GET /redirect", "hedge", "end 302", "begin GET /landed", "hedge", "end 200");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void aChallengeOfTheRivalIsAnswered() throws Exception {
    BasicCredentialsProvider credentials = new BasicCredentialsProvider();
    credentials.setCredentials(
        new AuthScope(null, -1), new UsernamePasswordCredentials("ann", "secret".toCharArray()));
    client =
        HttpClientBuilder.create()
            .setConnectionManager(pool)
            .setDefaultCredentialsProvider(credentials)
            .build();
    try (ServerSocket first = deaf()) {
      mesh.ports.set(0, first.getLocalPort());

      assertThat(send(get("/private"))).startsWith("one GET /private ");

      assertThat(mesh.events)
          .containsExactly(
              "begin GET /private", "hedge", "end 401", "begin GET /private", "hedge", "end 200");
      assertNoConnectionLeaks();
    }
  }

  private static int closedPort() throws IOException {
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return closed.getLocalPort();
    }
  }
}
