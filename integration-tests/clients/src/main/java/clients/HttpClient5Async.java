package clients;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.client5.http.async.methods.AbstractBinResponseConsumer;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.AsyncRequestProducer;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.jspecify.annotations.Nullable;

/** Apache HttpClient 5, asynchronous; given up by cancelling the future. */
public final class HttpClient5Async implements Library {
  private final Map<Setup, CloseableHttpAsyncClient> clients = new ConcurrentHashMap<>();

  /** Makes what each order needs, and nothing before. */
  public HttpClient5Async() {}

  @Override
  public Outcome send(Call call) throws Exception {
    Order order = call.order();
    CloseableHttpAsyncClient client =
        clients.computeIfAbsent(order.setup(), HttpClient5Async::client);
    HttpRequest request = new BasicHttpRequest(order.method(), URI.create(order.uri()));
    order.headers().forEach(header -> request.addHeader(header.name(), header.value()));
    HttpClientContext context = HttpClientContext.create();
    context.setRequestConfig(HttpClient5.config(order));
    AtomicReference<@Nullable Future<?>> future = new AtomicReference<>();
    Pipe<HttpResponse> pipe = new Pipe<>(() -> cancel(future.get()));
    AsyncRequestProducer producer = new BasicRequestProducer(request, entity(order.body()));
    future.set(client.execute(producer, new Consumer(pipe), context, new Failures(pipe)));
    call.onCancel(() -> cancel(future.get()));
    HttpResponse response = pipe.await();
    try {
      return call.answered(
          response.getCode(),
          response.getVersion() == null ? "" : response.getVersion().toString(),
          HttpClient5.location(order, context),
          HttpClient5.headers(response),
          pipe);
    } catch (Pipe.Failed e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static void cancel(@Nullable Future<?> future) {
    if (future != null) {
      future.cancel(true);
    }
  }

  private static @Nullable AsyncEntityProducer entity(Body body) {
    return switch (body.kind()) {
      case NONE -> null;
      case BYTES -> new BasicAsyncEntityProducer(body.content(), ContentType.TEXT_PLAIN);
      case STREAMED -> new Streamed(body);
    };
  }

  @SuppressWarnings("deprecation") // the way that every version has
  private static CloseableHttpAsyncClient client(Setup setup) {
    HttpAsyncClientBuilder builder =
        HttpAsyncClients.custom()
            .setVersionPolicy(
                setup.http2() ? HttpVersionPolicy.NEGOTIATE : HttpVersionPolicy.FORCE_HTTP_1);
    if (!setup.redirects()) {
      builder.disableRedirectHandling();
    }
    if (!setup.cookies()) {
      builder.disableCookieManagement();
    }
    if (!setup.proxy().isEmpty()) {
      builder.setProxy(new HttpHost(setup.proxyHost(), setup.proxyPort()));
    }
    CloseableHttpAsyncClient client = builder.build();
    client.start();
    return client;
  }

  @Override
  public void close() throws IOException {
    for (CloseableHttpAsyncClient client : clients.values()) {
      client.close();
    }
  }

  /** Chunked, and unlike its parent it can be read once only. */
  private static final class Streamed extends BasicAsyncEntityProducer {
    Streamed(Body body) {
      super(body.content(), ContentType.TEXT_PLAIN, true);
    }

    @Override
    public boolean isRepeatable() {
      return false;
    }
  }

  private record Failures(Pipe<HttpResponse> pipe) implements FutureCallback<Boolean> {
    @Override
    public void completed(Boolean result) {
      pipe.end();
    }

    @Override
    public void failed(Exception failure) {
      pipe.fail(failure);
    }

    @Override
    public void cancelled() {
      pipe.fail(new CancellationException());
    }
  }

  private static final class Consumer extends AbstractBinResponseConsumer<Boolean> {
    private final Pipe<HttpResponse> pipe;

    Consumer(Pipe<HttpResponse> pipe) {
      this.pipe = pipe;
    }

    @Override
    protected void start(HttpResponse response, ContentType type) {
      pipe.head(response);
    }

    @Override
    protected int capacityIncrement() {
      return Integer.MAX_VALUE;
    }

    @Override
    protected void data(ByteBuffer source, boolean end) {
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      pipe.data(bytes);
    }

    @Override
    protected Boolean buildResult() {
      return true;
    }

    @Override
    public void failed(Exception cause) {
      pipe.fail(cause);
    }

    @Override
    public void releaseResources() {}
  }
}
