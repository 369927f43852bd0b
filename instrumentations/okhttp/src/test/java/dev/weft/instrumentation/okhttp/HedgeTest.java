package dev.weft.instrumentation.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.testing.EchoSockets;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Woven;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The first endpoint never answers, the second one does. */
@Timeout(30)
@DisabledIfSystemProperty(named = "weft.okhttp.version", matches = "4\\.4\\..*")
class HedgeTest {
  @RegisterExtension static final Woven WOVEN = Woven.by(new OkHttpInstrumentation());

  private final FakeClientMesh mesh = new FakeClientMesh();
  private OkHttpClient client = new OkHttpClient();
  private EchoSockets silent;
  private EchoSockets mute;
  private TestServer one;

  @BeforeEach
  void start() throws IOException {
    Mesh.install(mesh, new FakeServerMesh());
    silent = new EchoSockets();
    mute = new EchoSockets();
    one = new TestServer("one");
    mesh.ports.addAll(List.of(silent.port(), one.port()));
    mesh.hedgeDelay = Duration.ofMillis(20);
  }

  @AfterEach
  void stop() throws IOException {
    client.dispatcher().executorService().shutdownNow();
    client.connectionPool().evictAll();
    one.close();
    silent.close();
    mute.close();
  }

  private static Request get(String path) {
    return new Request.Builder().url("http://pay" + path).build();
  }

  private String send(Request request) throws IOException {
    try (Response response = client.newCall(request).execute()) {
      return response.body().string();
    }
  }

  private static CompletableFuture<Response> enqueued(Call call) {
    CompletableFuture<Response> answer = new CompletableFuture<>();
    call.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call failed, IOException failure) {
            answer.completeExceptionally(failure);
          }

          @Override
          public void onResponse(Call answered, Response response) {
            answer.complete(response);
          }
        });
    return answer;
  }

  private void assertNoConnectionLeaks() {
    await()
        .untilAsserted(
            () -> {
              assertThat(silent.open() + mute.open()).isZero();
              assertThat(client.connectionPool().idleConnectionCount())
                  .isEqualTo(client.connectionPool().connectionCount());
            });
  }

  /** Two endpoints that never answer. */
  private void nobodyAnswers() {
    mesh.ports.set(1, mute.port());
  }

  private boolean bothAreAsked() {
    return silent.heads.size() + mute.heads.size() == 2;
  }

  @Test
  void anUnansweredAttemptIsRacedAndItsConnectionClosedWhenItLoses() throws Exception {
    assertThat(send(get("/silent"))).startsWith("one path=/silent host=pay ");

    assertNoConnectionLeaks();
    assertThat(silent.heads).hasSize(1);
    assertThat(mesh.events).containsExactly("begin GET /silent", "hedge", "end 200");
  }

  @Test
  void aCallThatIsEnqueuedIsRacedAsWell() throws Exception {
    try (Response response = enqueued(client.newCall(get("/silent"))).get()) {
      assertThat(response.body().string()).startsWith("one ");
      assertThat(response.request().url().toString()).isEqualTo("http://pay/silent");
    }

    assertNoConnectionLeaks();
    assertThat(mesh.events).containsExactly("begin GET /silent", "hedge", "end 200");
  }

  @Test
  void theConnectionThatWonIsUsedAgain() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(send(get("/silent"))).startsWith("one ");
    }

    assertThat(one.connections).hasSize(1);
    assertNoConnectionLeaks();
  }

  @Test
  void aConnectionOfARaceIsUsedWithoutOne() throws Exception {
    assertThat(send(get("/silent"))).startsWith("one ");
    mesh.hedgeDelay = null;
    mesh.ports.remove(0);

    assertThat(send(get("/x"))).startsWith("one ");

    assertThat(one.connections).hasSize(1);
  }

  @Test
  void aBodyIsSentByEachRival() throws Exception {
    RequestBody body = RequestBody.create("money", MediaType.get("text/plain"));
    Request put = new Request.Builder().url("http://pay/silent").put(body).build();

    assertThat(send(put)).startsWith("one ").endsWith("body=money");

    assertNoConnectionLeaks();
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
    CompletableFuture<Response> answer = enqueued(client.newCall(get("/slow")));
    await().until(() -> mesh.events.contains("leave UNSENT"));

    one.release();

    try (Response response = answer.get()) {
      assertThat(response.body().string()).startsWith("one ");
    }
    assertThat(mesh.events).containsExactly("begin GET /slow", "hedge", "leave UNSENT", "end 200");
    assertNoConnectionLeaks();
  }

  @Test
  void aRivalMayWinAfterTheFirstAttemptHasFailed() throws Exception {
    try (ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      mesh.ports.set(0, first.getLocalPort());
      CompletableFuture<Response> answer = enqueued(client.newCall(get("/slow")));
      await().until(() -> one.requests.contains("GET /slow"));

      first.close();
      await().until(() -> mesh.events.contains("leave SENT"));
      one.release();

      try (Response response = answer.get()) {
        assertThat(response.body().string()).startsWith("one ");
      }
      assertThat(mesh.events).containsExactly("begin GET /slow", "hedge", "leave SENT", "end 200");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void anAnswerThatIsToBeRepeatedWaitsForTheRival() throws Exception {
    mesh.retried = Set.of(503);
    mesh.retries = 1;
    try (TestServer broken = new TestServer("broken")) {
      mesh.ports.clear();
      mesh.ports.addAll(List.of(broken.port(), one.port()));
      CompletableFuture<Response> answer = enqueued(client.newCall(get("/slow-broken")));
      await().until(() -> one.requests.size() == 1);

      broken.release();
      await().until(() -> mesh.events.contains("drop 503"));
      one.release();

      try (Response response = answer.get()) {
        assertThat(response.code()).isEqualTo(503);
        assertThat(response.body().string()).startsWith("one ");
      }
      assertThat(mesh.events)
          .containsExactly("begin GET /slow-broken", "hedge", "drop 503", "end 503");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void theFailureOfTheLastAttemptIsTheApplications() throws Exception {
    try (ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ServerSocket second = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      mesh.ports.clear();
      mesh.ports.addAll(List.of(first.getLocalPort(), second.getLocalPort()));
      mesh.retries = 0;
      CompletableFuture<Response> answer = enqueued(client.newCall(get("/x")));
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
    }
  }

  @Test
  void toCancelARaceIsToCancelAllItsAttempts() {
    nobodyAnswers();
    Call call = client.newCall(get("/silent"));
    CompletableFuture<Response> answer = enqueued(call);
    await().until(this::bothAreAsked);

    call.cancel();

    assertThatThrownBy(answer::get).hasCauseInstanceOf(IOException.class);
    assertNoConnectionLeaks();
    assertThat(mesh.events).hasSize(3).last().asString().startsWith("end ");
  }

  @Test
  void toCancelACallIsToCancelTheRivalThatItWaitsFor() throws Exception {
    try (ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      mesh.ports.clear();
      mesh.ports.addAll(List.of(first.getLocalPort(), silent.port()));
      Call call = client.newCall(get("/silent"));
      CompletableFuture<Response> answer = enqueued(call);
      await().until(() -> silent.heads.size() == 1);
      first.close();
      await().until(() -> mesh.events.contains("leave SENT"));

      call.cancel();

      assertThatThrownBy(answer::get).hasRootCauseMessage("Canceled");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void toCancelACallIsToCancelTheResponseOfTheRivalThatWon() throws Exception {
    Call call = client.newCall(get("/trickle"));
    try (ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      mesh.ports.set(0, first.getLocalPort());
      try (Response response = call.execute()) {
        BufferedSource body = response.body().source();
        assertThat(body.readUtf8(4)).isEqualTo("one ");

        call.cancel();

        assertThatThrownBy(body::readByteArray).isInstanceOf(IOException.class);
      }
      assertNoConnectionLeaks();
      assertThat(mesh.events).hasSize(3).last().asString().startsWith("end ");
    }
  }

  @Test
  void theTimeoutOfACallHoldsForTheResponseOfARival() throws Exception {
    client = client.newBuilder().callTimeout(Duration.ofSeconds(2)).build();
    try (ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      mesh.ports.set(0, first.getLocalPort());
      assertThatThrownBy(() -> send(get("/trickle")))
          .isExactlyInstanceOf(InterruptedIOException.class)
          .hasMessage("timeout");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void theTimeoutOfACallEndsAllItsAttempts() {
    client = client.newBuilder().callTimeout(Duration.ofSeconds(2)).build();
    nobodyAnswers();

    assertThatThrownBy(() -> send(get("/silent"))).isInstanceOf(InterruptedIOException.class);

    assertThat(bothAreAsked()).isTrue();
    assertNoConnectionLeaks();
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
    try (ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      mesh.ports.set(0, first.getLocalPort());
      assertThatThrownBy(() -> send(get("/trickle")))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessage("request timed out: UT; test-rule");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void anInterruptedCallerWaitsForNoRival() throws Exception {
    try (ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      mesh.ports.clear();
      mesh.ports.addAll(List.of(first.getLocalPort(), silent.port()));
      CompletableFuture<String> answer = new CompletableFuture<>();
      Thread caller =
          new Thread(
              () -> {
                try {
                  answer.complete(send(get("/silent")));
                } catch (IOException e) {
                  answer.completeExceptionally(e);
                }
              });
      caller.start();
      await().until(() -> silent.heads.size() == 1);
      first.close();
      await().until(() -> mesh.events.contains("leave SENT"));

      caller.interrupt();

      assertThatThrownBy(answer::get)
          .hasCauseExactlyInstanceOf(InterruptedIOException.class)
          .hasRootCauseMessage("interrupted");
      assertNoConnectionLeaks();
    }
  }

  @Test
  void aDialThatGetsNowhereLosesAtOnce() throws Exception {
    mesh.connectTimeout = Duration.ofSeconds(25);
    CountDownLatch closed = new CountDownLatch(1);
    AtomicInteger sockets = new AtomicInteger();
    client =
        client
            .newBuilder()
            .socketFactory(
                new Sockets(
                    () ->
                        sockets.getAndIncrement() == 0 ? new NowhereSocket(closed) : new Socket()))
            .build();

    assertThat(send(get("/x"))).startsWith("one ");

    assertThat(closed.await(0, TimeUnit.SECONDS)).isTrue();
    assertNoConnectionLeaks();
  }

  @Test
  void onlyInterceptorsOfTheNetworkAndTheirServedRequestAreOnTheRivalsThread() throws Exception {
    mesh.serving.set("inbound");
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    List<String> application = new CopyOnWriteArrayList<>();
    List<String> network = new CopyOnWriteArrayList<>();
    client =
        client
            .newBuilder()
            .addInterceptor(noting(application, loader))
            .addNetworkInterceptor(noting(network, loader))
            .build();

    assertThat(send(get("/silent"))).startsWith("one ");

    String caller = Thread.currentThread().getName();
    assertThat(application).containsExactly(caller + " inbound true");
    assertThat(network).hasSize(2).first().isEqualTo(caller + " inbound true");
    assertThat(network.get(1)).startsWith("weft-hedge-").endsWith(" inbound true");
  }

  private Interceptor noting(List<String> notes, ClassLoader loader) {
    return chain -> {
      Thread thread = Thread.currentThread();
      boolean same = thread.getContextClassLoader() == loader;
      notes.add(thread.getName() + " " + mesh.serving.get() + " " + same);
      return chain.proceed(chain.request());
    };
  }

  @Test
  void aListenerOfTheApplicationHearsOfItsOwnCallOnly() throws Exception {
    List<String> events = new CopyOnWriteArrayList<>();
    client =
        client
            .newBuilder()
            .eventListenerFactory(
                call -> {
                  events.add("create");
                  return new EventListener() {
                    @Override
                    public void callStart(Call started) {
                      events.add("start");
                    }

                    @Override
                    public void callEnd(Call ended) {
                      events.add("end");
                    }
                  };
                })
            .build();

    assertThat(send(get("/silent"))).startsWith("one ");

    assertThat(events).containsExactly("create", "start", "end");
  }

  @Test
  void aRedirectOfTheRivalIsFollowed() throws Exception {
    try (ServerSocket first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      mesh.ports.set(0, first.getLocalPort());

      assertThat(send(get("/redirect"))).startsWith("one path=/landed ");

      assertThat(mesh.events)
          .containsExactly(
              "begin GET /redirect", "hedge", "end 302", "begin GET /landed", "hedge", "end 200");
      assertNoConnectionLeaks();
    }
  }

  private static int closedPort() throws IOException {
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return closed.getLocalPort();
    }
  }

  /** Dials until it is closed. */
  private static final class NowhereSocket extends Socket {
    private final CountDownLatch closed;

    NowhereSocket(CountDownLatch closed) {
      this.closed = closed;
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      try {
        closed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new SocketException("Socket closed");
    }

    @Override
    public void close() throws IOException {
      closed.countDown();
      super.close();
    }
  }

  /** What the library asks a factory for. */
  private static final class Sockets extends UnconnectedSockets {
    private final Supplier<Socket> made;

    Sockets(Supplier<Socket> made) {
      this.made = made;
    }

    @Override
    public Socket createSocket() {
      return made.get();
    }
  }
}
