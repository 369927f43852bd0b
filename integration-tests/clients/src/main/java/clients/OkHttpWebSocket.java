package clients;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;

/** OkHttp's: says the order's body, hears one message, and closes. */
final class OkHttpWebSocket extends WebSocketListener {
  private static final int NORMAL = 1000;

  private final Call call;
  private final CompletableFuture<Response> opened = new CompletableFuture<>();
  private final CompletableFuture<String> heard = new CompletableFuture<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();

  private OkHttpWebSocket(Call call) {
    this.call = call;
  }

  static Outcome talk(Call call, OkHttpClient client, Request request) throws Exception {
    OkHttpWebSocket listener = new OkHttpWebSocket(call);
    WebSocket socket = client.newWebSocket(request, listener);
    call.onCancel(socket::cancel);
    try {
      return listener.talk(socket);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private Outcome talk(WebSocket socket) throws Exception {
    Response response = opened.get();
    socket.send(new String(call.order().body().content(), StandardCharsets.US_ASCII));
    byte[] message = heard.get().getBytes(StandardCharsets.ISO_8859_1);
    socket.close(NORMAL, "");
    closed.get();
    return call.answered(
        response.code(),
        response.protocol().toString(),
        response.request().url().toString(),
        headers(response),
        new ByteArrayInputStream(message));
  }

  private static List<Header> headers(Response response) {
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < response.headers().size(); i++) {
      headers.add(new Header(response.headers().name(i), response.headers().value(i)));
    }
    return headers;
  }

  @Override
  public void onOpen(WebSocket socket, Response response) {
    opened.complete(response);
  }

  @Override
  public void onMessage(WebSocket socket, String text) {
    heard.complete(text);
  }

  @Override
  public void onClosed(WebSocket socket, int code, String reason) {
    heard.completeExceptionally(new IOException("closed with " + code));
    closed.complete(code);
  }

  @Override
  public void onFailure(WebSocket socket, Throwable failure, @Nullable Response response) {
    if (response != null) {
      call.headed(
          response.code(),
          response.protocol().toString(),
          response.request().url().toString(),
          headers(response));
    }
    opened.completeExceptionally(failure);
    heard.completeExceptionally(failure);
    closed.completeExceptionally(failure);
  }
}
