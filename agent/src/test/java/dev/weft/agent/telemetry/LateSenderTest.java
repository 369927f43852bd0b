package dev.weft.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LateSenderTest {
  private final List<String> seen = new ArrayList<>();

  @Test
  void makesTheRealSenderForTheFirstMessageAndKeepsIt() {
    HttpSender sender = sender(null);
    assertThat(seen).isEmpty();

    send(sender);
    send(sender);
    sender.shutdown();

    assertThat(seen).containsExactly("made", "sent", "sent", "shut down");
  }

  @Test
  void makesNoneToShutItDown() {
    assertThat(sender(null).shutdown().isSuccess()).isTrue();
    assertThat(seen).isEmpty();
  }

  @Test
  void tellsWhyItCouldNotBeMade() {
    HttpSender sender =
        new LateSender(
            config -> {
              throw new IllegalStateException("no trust store");
            },
            config(null));

    send(sender);

    assertThat(seen).containsExactly("java.lang.IllegalStateException: no trust store");
  }

  @Test
  void makesItOnTheThreadsThatSend() throws InterruptedException {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    HttpSender sender = sender(threads);
    threads.execute(() -> seen.add("busy"));

    send(sender);
    threads.shutdown();

    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(seen).containsExactly("busy", "made", "sent");
  }

  @Test
  void tellsWhenItsThreadsHaveEnded() {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    threads.shutdown();

    send(sender(threads));

    assertThat(seen).singleElement().asString().contains("RejectedExecutionException");
  }

  private void send(HttpSender sender) {
    MessageWriter nothing =
        (MessageWriter)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {MessageWriter.class},
                (proxy, method, arguments) -> 0);
    sender.send(nothing, answer -> {}, failure -> seen.add(failure.toString()));
  }

  private HttpSender sender(@Nullable ExecutorService threads) {
    return new LateSender(
        config -> {
          seen.add("made");
          return new Recorder();
        },
        config(threads));
  }

  /** Settings of which only the threads are asked for. */
  private HttpSenderConfig config(@Nullable ExecutorService threads) {
    return (HttpSenderConfig)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {HttpSenderConfig.class},
            (proxy, method, arguments) -> threads);
  }

  private final class Recorder implements HttpSender {
    @Override
    public void send(
        MessageWriter message, Consumer<HttpResponse> answered, Consumer<Throwable> failed) {
      seen.add("sent");
    }

    @Override
    public CompletableResultCode shutdown() {
      seen.add("shut down");
      return CompletableResultCode.ofSuccess();
    }
  }
}
