package dev.weft.agent.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A sender that is made when there is something to send. OpenTelemetry's own, on the JDK's HTTP
 * client, reads all certificates that the JDK trusts, for {@code http} too, and loads hundreds of
 * classes; that would be while the application starts, and twice, because {@link Sdk} has each
 * exporter built anew with our threads. Thread-safe.
 */
final class LateSender implements HttpSender {
  private final HttpSenderProvider real;
  private final HttpSenderConfig config;
  private @Nullable HttpSender sender;

  /** Who sends, once there is something to send, is what {@code real} makes of the settings. */
  LateSender(HttpSenderProvider real, HttpSenderConfig config) {
    this.real = real;
    this.config = config;
  }

  @Override
  public void send(
      MessageWriter message, Consumer<HttpResponse> answered, Consumer<Throwable> failed) {
    ExecutorService executor = config.getExecutorService();
    if (executor == null) {
      sendNow(message, answered, failed);
    } else {
      try {
        // Who waits for the outcome does so for a limited time, which to make a client may exceed.
        executor.execute(() -> sendNow(message, answered, failed));
      } catch (RejectedExecutionException e) {
        failed.accept(e);
      }
    }
  }

  private void sendNow(
      MessageWriter message, Consumer<HttpResponse> answered, Consumer<Throwable> failed) {
    HttpSender made;
    try {
      made = made();
    } catch (RuntimeException | LinkageError e) {
      failed.accept(e);
      return;
    }
    made.send(message, answered, failed);
  }

  private synchronized HttpSender made() {
    HttpSender known = sender;
    if (known == null) {
      known = real.createSender(config);
      sender = known;
    }
    return known;
  }

  @Override
  public synchronized CompletableResultCode shutdown() {
    return sender == null ? CompletableResultCode.ofSuccess() : sender.shutdown();
  }
}
