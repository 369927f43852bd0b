package clients;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider;

/** Reactor Netty; given up by disposing of the subscription. */
public final class ReactorNetty implements Library {
  private final Map<Setup, HttpClient> clients = new ConcurrentHashMap<>();

  /** Makes what each order needs, and nothing before. */
  public ReactorNetty() {}

  @Override
  public Outcome send(Call call) throws Exception {
    Order order = call.order();
    HttpClient client = clients.computeIfAbsent(order.setup(), ReactorNetty::client);
    if (order.timeoutMillis() > 0) {
      client = client.responseTimeout(Duration.ofMillis(order.timeoutMillis()));
    }
    if (order.opensWebSocket()) {
      return ReactorNettyWebSocket.talk(call, client);
    }
    AtomicReference<@Nullable Disposable> subscription = new AtomicReference<>();
    Pipe<HttpClientResponse> pipe = new Pipe<>(() -> dispose(subscription.get()));
    HttpClient.RequestSender request =
        client
            .headers(to -> order.headers().forEach(header -> to.add(header.name(), header.value())))
            .request(HttpMethod.valueOf(order.method()))
            .uri(order.uri());
    Flux<byte[]> content =
        with(request, order.body())
            .response(
                (response, body) -> {
                  pipe.head(response);
                  return body.asByteArray();
                });
    subscription.set(content.subscribe(pipe::data, pipe::fail, pipe::end));
    call.onCancel(
        () -> {
          dispose(subscription.get());
          pipe.fail(new CancellationException());
        });
    return answer(call, pipe);
  }

  private static HttpClient.ResponseReceiver<?> with(HttpClient.RequestSender request, Body body) {
    return switch (body.kind()) {
      case NONE -> request;
      case BYTES -> request.send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body.content())));
      case STREAMED ->
          request.send(Flux.defer(() -> Flux.just(Unpooled.wrappedBuffer(body.content()))));
    };
  }

  private static Outcome answer(Call call, Pipe<HttpClientResponse> pipe) throws Exception {
    HttpClientResponse response = pipe.await();
    List<Header> headers = new ArrayList<>();
    response
        .responseHeaders()
        .forEach(header -> headers.add(new Header(header.getKey(), header.getValue())));
    try {
      return call.answered(
          response.status().code(),
          response.version().text(),
          String.valueOf(response.resourceUrl()),
          headers,
          pipe);
    } catch (Pipe.Failed e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static void dispose(@Nullable Disposable subscription) {
    if (subscription != null) {
      subscription.dispose();
    }
  }

  private static HttpClient client(Setup setup) {
    // The JDK's resolver is the one that knows the names with and without the agent.
    HttpClient client =
        HttpClient.create(ConnectionProvider.create("clients", 100))
            .resolver(DefaultAddressResolverGroup.INSTANCE)
            .followRedirect(setup.redirects());
    if (setup.http2()) {
      client = client.protocol(HttpProtocol.H2C, HttpProtocol.HTTP11);
    }
    if (!setup.proxy().isEmpty()) {
      client =
          client.proxy(
              to ->
                  to.type(ProxyProvider.Proxy.HTTP)
                      .host(setup.proxyHost())
                      .port(setup.proxyPort()));
    }
    return client;
  }

  @Override
  public void close() {
    clients.clear(); // its threads are daemons
  }
}
