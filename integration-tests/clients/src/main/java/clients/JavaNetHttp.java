package clients;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/** {@code java.net.http.HttpClient}. */
public abstract class JavaNetHttp implements Library {
  private final Map<Setup, HttpClient> clients = new ConcurrentHashMap<>();

  /** By {@code send}; given up by an interrupt, and then by closing the body. */
  public static final class Sync extends JavaNetHttp {
    @Override
    HttpResponse<InputStream> exchange(Call call, HttpClient client, HttpRequest request)
        throws Exception {
      call.onCancel(Thread.currentThread()::interrupt);
      return client.send(request, BodyHandlers.ofInputStream());
    }
  }

  /** By {@code sendAsync}; given up by cancelling its future, and then by closing the body. */
  public static final class Async extends JavaNetHttp {
    @Override
    HttpResponse<InputStream> exchange(Call call, HttpClient client, HttpRequest request)
        throws Exception {
      CompletableFuture<HttpResponse<InputStream>> future =
          client.sendAsync(request, BodyHandlers.ofInputStream());
      call.onCancel(() -> future.cancel(true));
      try {
        return future.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof Exception cause ? cause : e;
      }
    }
  }

  abstract HttpResponse<InputStream> exchange(Call call, HttpClient client, HttpRequest request)
      throws Exception;

  @Override
  public final Outcome send(Call call) throws Exception {
    Order order = call.order();
    HttpClient client = clients.computeIfAbsent(order.setup(), JavaNetHttp::client);
    if (order.opensWebSocket()) {
      return JavaNetWebSocket.talk(call, client);
    }
    HttpResponse<InputStream> response = exchange(call, client, request(order));
    call.onCancel(() -> close(response.body()));
    List<Header> headers = new ArrayList<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(value -> headers.add(new Header(name, value))));
    String protocol = response.version() == HttpClient.Version.HTTP_2 ? "h2" : "HTTP/1.1";
    return call.answered(
        response.statusCode(), protocol, response.uri().toString(), headers, response.body());
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HttpClient client(Setup setup) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(setup.http2() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
            .followRedirects(
                setup.redirects() ? HttpClient.Redirect.NORMAL : HttpClient.Redirect.NEVER);
    if (setup.cookies()) {
      builder.cookieHandler(new CookieManager());
    }
    if (!setup.proxy().isEmpty()) {
      builder.proxy(ProxySelector.of(new InetSocketAddress(setup.proxyHost(), setup.proxyPort())));
    }
    return builder.build();
  }

  private static HttpRequest request(Order order) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(order.uri())).method(order.method(), body(order.body()));
    order.headers().forEach(header -> builder.header(header.name(), header.value()));
    if (order.timeoutMillis() > 0) {
      builder.timeout(Duration.ofMillis(order.timeoutMillis()));
    }
    return builder.build();
  }

  private static BodyPublisher body(Body body) {
    return switch (body.kind()) {
      case NONE -> BodyPublishers.noBody();
      case BYTES -> BodyPublishers.ofByteArray(body.content());
      case STREAMED -> BodyPublishers.ofInputStream(body::stream);
    };
  }

  @Override
  public final void close() {
    clients.clear(); // a client ends when nobody has it any more
  }
}
