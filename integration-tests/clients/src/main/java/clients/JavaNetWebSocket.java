package clients;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** {@code java.net.http.WebSocket}: says the order's body, hears one message, and closes. */
final class JavaNetWebSocket implements WebSocket.Listener {
  private final CompletableFuture<String> heard = new CompletableFuture<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder parts = new StringBuilder();

  private JavaNetWebSocket() {}

  static Outcome talk(Call call, HttpClient client) throws Exception {
    Order order = call.order();
    WebSocket.Builder builder = client.newWebSocketBuilder();
    order.headers().forEach(header -> builder.header(header.name(), header.value()));
    if (order.timeoutMillis() > 0) {
      builder.connectTimeout(Duration.ofMillis(order.timeoutMillis()));
    }
    JavaNetWebSocket listener = new JavaNetWebSocket();
    CompletableFuture<WebSocket> opening = builder.buildAsync(URI.create(order.uri()), listener);
    call.onCancel(() -> opening.cancel(true));
    try {
      return listener.talk(call, opening.get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        headed(call, refused.getResponse());
      }
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static void headed(Call call, HttpResponse<?> response) {
    List<Header> headers = new ArrayList<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(value -> headers.add(new Header(name, value))));
    call.headed(response.statusCode(), "HTTP/1.1", response.uri().toString(), headers);
  }

  private Outcome talk(Call call, WebSocket socket) throws Exception {
    socket
        .sendText(new String(call.order().body().content(), StandardCharsets.US_ASCII), true)
        .get();
    byte[] message = heard.get().getBytes(StandardCharsets.ISO_8859_1);
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get();
    closed.get();
    return call.answered(101, "HTTP/1.1", "", List.of(), new ByteArrayInputStream(message));
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    parts.append(data);
    if (last) {
      heard.complete(parts.toString());
    }
    socket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
    heard.completeExceptionally(new IOException("closed with " + status));
    closed.complete(status);
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable failure) {
    heard.completeExceptionally(failure);
    closed.completeExceptionally(failure);
  }
}
