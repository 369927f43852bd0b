package clients;

import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** Reactor Netty's: says the order's body, hears one message, and closes. */
final class ReactorNettyWebSocket {
  /** All that the oldest version tells of a refusal. */
  private static final Pattern STATUS = Pattern.compile("\\b([1-5]\\d\\d)\\b");

  private ReactorNettyWebSocket() {}

  static Outcome talk(Call call, HttpClient client) throws Exception {
    Order order = call.order();
    String said = new String(order.body().content(), StandardCharsets.US_ASCII);
    CompletableFuture<String> heard =
        client
            .headers(to -> order.headers().forEach(header -> to.add(header.name(), header.value())))
            .websocket()
            .uri(order.uri())
            .handle(
                (in, out) ->
                    out.sendString(Mono.just(said))
                        .then()
                        .thenMany(in.aggregateFrames().receive().asString().take(1)))
            .single()
            .toFuture();
    call.onCancel(() -> heard.cancel(true));
    try {
      byte[] message = heard.get().getBytes(StandardCharsets.ISO_8859_1);
      return call.answered(101, "HTTP/1.1", "", List.of(), new ByteArrayInputStream(message));
    } catch (ExecutionException e) {
      Matcher status = STATUS.matcher(String.valueOf(e.getCause().getMessage()));
      if (e.getCause() instanceof WebSocketHandshakeException && status.find()) {
        call.headed(Integer.parseInt(status.group(1)), "HTTP/1.1", "", List.of());
      }
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
