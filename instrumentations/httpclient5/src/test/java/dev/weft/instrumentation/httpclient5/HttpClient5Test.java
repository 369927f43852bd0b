package dev.weft.instrumentation.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.Instrumentation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.junit.jupiter.api.Test;

class HttpClient5Test extends HttpClient5Contract {
  private CloseableHttpClient client;

  @Override
  Instrumentation instrumentation() {
    return new HttpClient5Instrumentation();
  }

  @Override
  void client(ClientSettings settings) throws IOException {
    closeClient();
    client = builder(settings).build();
  }

  private static HttpClientBuilder builder(ClientSettings settings) {
    HttpClientBuilder builder = HttpClientBuilder.create();
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
    return builder;
  }

  @Override
  void closeClient() throws IOException {
    if (client != null) {
      client.close();
    }
  }

  @Override
  @SuppressWarnings("deprecation") // what newer versions have in its place, the oldest has not
  Got send(Ask ask, HttpClientContext context) throws Exception {
    HttpUriRequestBase request = new HttpUriRequestBase(ask.method(), URI.create(ask.uri()));
    ask.headers().forEach(request::addHeader);
    if (ask.streamed()) {
      request.setEntity(
          new InputStreamEntity(
              new ByteArrayInputStream(ask.body().getBytes(StandardCharsets.UTF_8)),
              ContentType.TEXT_PLAIN));
    } else if (ask.body() != null) {
      request.setEntity(new StringEntity(ask.body()));
    }
    try (CloseableHttpResponse response = client.execute(request, context)) {
      byte[] body =
          response.getEntity() == null ? null : EntityUtils.toByteArray(response.getEntity());
      return Got.of(response, body);
    }
  }

  @Test
  @SuppressWarnings("deprecation")
  void aBuilderIsLeftAsItWas() throws Exception {
    HttpClientBuilder builder = builder(new ClientSettings());
    builder.build().close();
    client.close();
    client = builder.build();

    assertThat(send(Ask.get("/")).body()).startsWith("one ");
    assertThat(mesh.events).containsExactly("begin GET /", "end 200");
    java.lang.reflect.Field added = HttpClientBuilder.class.getDeclaredField("execInterceptors");
    added.setAccessible(true);
    assertThat((java.util.List<?>) added.get(builder)).isEmpty();
  }

  @Test
  @SuppressWarnings("deprecation")
  void aResponseThatIsClosedUnreadEndsTheExchange() throws Exception {
    try (CloseableHttpResponse response = client.execute(new HttpGet("http://pay/unread"))) {
      assertThat(response.getCode()).isEqualTo(200);
      assertThat(mesh.events).containsExactly("begin GET /unread");
    }
    assertThat(mesh.events).containsExactly("begin GET /unread", "end 200");
  }

  @Test
  @SuppressWarnings("deprecation")
  void cancellingARequestEndsIt() {
    HttpGet request = new HttpGet("http://pay/slow");
    CompletableFuture<Object> answer = sending(request);
    await().until(() -> one.requests() == 1);

    request.cancel();

    assertThatThrownBy(answer::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
    assertThat(mesh.events).hasSize(2);
    assertThat(mesh.events.get(1)).startsWith("end ");
  }

  @Test
  void cancellingAPauseEndsIt() {
    mesh.pause = Duration.ofMinutes(5);
    HttpGet request = new HttpGet("http://pay/");
    CompletableFuture<Object> answer = sending(request);
    await().until(() -> !mesh.events.isEmpty());

    request.cancel();

    assertThatThrownBy(answer::get).hasCauseInstanceOf(IOException.class);
    assertThat(mesh.events).containsExactly("begin GET /", "end RequestFailedException");
  }

  @SuppressWarnings("deprecation")
  private CompletableFuture<Object> sending(HttpGet request) {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (CloseableHttpResponse response = client.execute(request)) {
                answer.complete(response.getCode());
              } catch (IOException e) {
                answer.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return answer;
  }
}
