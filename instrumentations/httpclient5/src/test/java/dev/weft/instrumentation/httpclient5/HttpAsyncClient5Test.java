package dev.weft.instrumentation.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.testing.EchoSockets;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.async.methods.AbstractBinResponseConsumer;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.entity.StringAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.junit.jupiter.api.Test;

class HttpAsyncClient5Test extends HttpClient5Contract {
  private CloseableHttpAsyncClient client;

  @Override
  Instrumentation instrumentation() {
    return new HttpAsyncClient5Instrumentation();
  }

  @Override
  void client(ClientSettings settings) throws IOException {
    closeClient();
    HttpAsyncClientBuilder builder = HttpAsyncClientBuilder.create();
    builder
        .setProxy(settings.proxy)
        .setRetryStrategy(settings.retries)
        .setDefaultRequestConfig(settings.config)
        .setDefaultHeaders(settings.defaults)
        .setDefaultCredentialsProvider(settings.credentials);
    if (settings.interceptor != null) {
      builder.addRequestInterceptorFirst(settings.interceptor);
    }
    if (settings.redirectsDisabled) {
      builder.disableRedirectHandling();
    }
    client = builder.build();
    client.start();
  }

  @Override
  void closeClient() throws IOException {
    if (client != null) {
      client.close();
    }
  }

  @Override
  Got send(Ask ask, HttpClientContext context) throws Exception {
    try {
      SimpleHttpResponse response = sending(ask, context).get();
      return Got.of(response, response.getBodyBytes());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private Future<SimpleHttpResponse> sending(Ask ask, HttpClientContext context) {
    BasicHttpRequest request = new BasicHttpRequest(ask.method(), URI.create(ask.uri()));
    ask.headers().forEach(request::addHeader);
    return client.execute(
        new BasicRequestProducer(request, body(ask)),
        SimpleResponseConsumer.create(),
        context,
        null);
  }

  private static AsyncEntityProducer body(Ask ask) {
    if (ask.body() == null) {
      return null;
    }
    byte[] bytes = ask.body().getBytes(StandardCharsets.UTF_8);
    return ask.streamed()
        ? new OnceProducer(bytes)
        : new BasicAsyncEntityProducer(bytes, ContentType.TEXT_PLAIN);
  }

  @Test
  void aShortTextOfUnknownLengthCanBeSentAgain() throws Exception {
    mesh.retried = java.util.Set.of(503);
    one.failNext(1);
    BasicHttpRequest request = new BasicHttpRequest("POST", URI.create("http://pay/flaky"));

    SimpleHttpResponse response =
        client
            .execute(
                new BasicRequestProducer(request, new StringAsyncEntityProducer("money")),
                SimpleResponseConsumer.create(),
                HttpClientContext.create(),
                null)
            .get();

    assertThat(response.getBodyText()).endsWith("body=money");
    assertThat(seen.get(0).body()).isEqualTo(OutboundRequest.Body.REPLAYABLE);
  }

  @Test
  void aLongBodyIsSentOnceAndWhole() throws Exception {
    String money = "money".repeat(100_000);

    assertThat(send(Ask.post("/", money)).body()).endsWith("body=" + money);
    assertThat(seen.get(0).body()).isEqualTo(OutboundRequest.Body.ONCE);
  }

  @Test
  void cancellingARequestEndsIt() {
    Future<SimpleHttpResponse> answer = sending(Ask.get("/slow"), HttpClientContext.create());
    await().until(() -> one.requests() == 1);

    answer.cancel(true);

    assertThat(answer).isCancelled();
    await().untilAsserted(() -> assertThat(mesh.events).hasSize(2));
    assertThat(mesh.events.get(1)).startsWith("end ");
  }

  @Test
  void requestsAfterOneThatIsCancelledWithinItsBodyAreAnswered() throws Exception {
    for (int i = 0; i < 50; i++) {
      CompletableFuture<Integer> status = new CompletableFuture<>();
      Future<?> answer =
          client.execute(
              new BasicRequestProducer(
                  new BasicHttpRequest("GET", URI.create("http://pay/large")), null),
              new HeadConsumer(status),
              HttpClientContext.create(),
              null);

      assertThat(status.get(20, TimeUnit.SECONDS)).isEqualTo(200);
      answer.cancel(true);
    }
    await().until(() -> mesh.events.stream().filter(e -> e.startsWith("end ")).count() == 50);
  }

  @Test
  void cancellingAPauseEndsIt() {
    mesh.pause = Duration.ofMinutes(5);
    Future<SimpleHttpResponse> answer = sending(Ask.get("/"), HttpClientContext.create());
    await().until(() -> !mesh.events.isEmpty());

    answer.cancel(true);

    await()
        .untilAsserted(
            () ->
                assertThat(mesh.events)
                    .containsExactly("begin GET /", "end CancellationException"));
    assertThat(one.requests()).isZero();
  }

  @Test
  void anUnansweredAttemptIsRacedAndItsConnectionClosedWhenItLoses() throws Exception {
    try (EchoSockets silent = new EchoSockets()) {
      mesh.ports.add(0, silent.port());
      mesh.hedgeDelay = Duration.ofMillis(20);

      assertThat(send(Ask.get("/silent")).body()).startsWith("one ");

      await().untilAsserted(() -> assertThat(silent.open()).isZero());
      assertThat(silent.heads).hasSize(1);
      await().until(() -> mesh.events.contains("end 200"));
      assertThat(mesh.events).startsWith("begin GET /silent", "hedge");
    }
  }

  @Test
  void theConnectionThatWonIsUsedAgain() throws Exception {
    try (EchoSockets silent = new EchoSockets()) {
      mesh.ports.add(0, silent.port());
      mesh.hedgeDelay = Duration.ofMillis(20);

      for (int i = 0; i < 5; i++) {
        assertThat(send(Ask.get("/silent")).body()).startsWith("one ");
      }

      assertThat(one.connections()).isEqualTo(1);
      await().untilAsserted(() -> assertThat(silent.open()).isZero());
    }
  }

  @Test
  void aBodyIsSentByEachRival() throws Exception {
    try (EchoSockets silent = new EchoSockets()) {
      mesh.ports.add(0, silent.port());
      mesh.hedgeDelay = Duration.ofMillis(20);

      assertThat(send(Ask.post("/silent", "money")).body())
          .startsWith("one ")
          .endsWith("body=money");
    }
  }

  @Test
  void anAttemptThatIsAnsweredInTimeIsNotRaced() throws Exception {
    mesh.ports.add(two.port());
    mesh.hedgeDelay = Duration.ofSeconds(20);

    assertThat(send(Ask.get("/x")).body()).startsWith("one ");

    await().untilAsserted(() -> assertThat(mesh.events).containsExactly("begin GET /x", "end 200"));
    assertThat(two.requests()).isZero();
  }

  @Test
  void theFirstAttemptMayWinAgainstARivalThatFails() throws Exception {
    mesh.ports.add(closedPort());
    mesh.hedgeDelay = Duration.ofMillis(20);
    Future<SimpleHttpResponse> answer = sending(Ask.get("/slow"), HttpClientContext.create());
    await().until(() -> mesh.events.contains("leave UNSENT"));

    one.release();

    assertThat(answer.get(20, TimeUnit.SECONDS).getBodyText()).startsWith("one ");
    await()
        .untilAsserted(
            () ->
                assertThat(mesh.events)
                    .containsExactly("begin GET /slow", "hedge", "leave UNSENT", "end 200"));
  }

  @Test
  void aRivalForWhichThePoolHasNoConnectionHarmsNobody() throws Exception {
    client.close();
    client =
        HttpAsyncClientBuilder.create()
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create().setMaxConnTotal(1).build())
            .build();
    client.start();
    mesh.ports.add(two.port());
    mesh.hedgeDelay = Duration.ofMillis(20);
    Future<SimpleHttpResponse> answer = sending(Ask.get("/slow"), HttpClientContext.create());
    await().until(() -> mesh.events.contains("hedge"));

    one.release();

    assertThat(answer.get(20, TimeUnit.SECONDS).getBodyText()).startsWith("one ");
    assertThat(send(Ask.get("/x")).body()).startsWith("one ");
    assertThat(two.requests()).isZero();
  }

  @Test
  void toCancelARaceIsToCancelAllItsAttempts() throws Exception {
    try (EchoSockets silent = new EchoSockets();
        EchoSockets mute = new EchoSockets()) {
      mesh.ports.set(0, silent.port());
      mesh.ports.add(mute.port());
      mesh.hedgeDelay = Duration.ofMillis(1);
      Future<SimpleHttpResponse> answer = sending(Ask.get("/silent"), HttpClientContext.create());
      await().until(() -> silent.heads.size() + mute.heads.size() == 2);

      answer.cancel(true);

      await().untilAsserted(() -> assertThat(silent.open() + mute.open()).isZero());
      await()
          .untilAsserted(
              () -> assertThat(mesh.events).hasSize(3).last().asString().startsWith("end "));
    }
  }

  @Test
  void theLimitOfTheRequestEndsAllItsAttempts() throws Exception {
    try (EchoSockets silent = new EchoSockets();
        EchoSockets mute = new EchoSockets()) {
      mesh.ports.set(0, silent.port());
      mesh.ports.add(mute.port());
      mesh.hedgeDelay = Duration.ofMillis(1);
      mesh.timeout = Duration.ofMillis(500);

      assertThatThrownBy(() -> send(Ask.get("/silent"))).isInstanceOf(InterruptedIOException.class);

      await().untilAsserted(() -> assertThat(silent.open() + mute.open()).isZero());
    }
  }

  /** Tells the status as soon as it is there. */
  private static final class HeadConsumer extends AbstractBinResponseConsumer<Boolean> {
    private final CompletableFuture<Integer> status;

    HeadConsumer(CompletableFuture<Integer> status) {
      this.status = status;
    }

    @Override
    protected void start(HttpResponse response, ContentType type) {
      status.complete(response.getCode());
    }

    @Override
    protected int capacityIncrement() {
      return Integer.MAX_VALUE;
    }

    @Override
    protected void data(ByteBuffer source, boolean end) {
      source.position(source.limit());
    }

    @Override
    protected Boolean buildResult() {
      return true;
    }

    @Override
    public void failed(Exception cause) {
      status.completeExceptionally(cause);
    }

    @Override
    public void releaseResources() {}
  }
}
