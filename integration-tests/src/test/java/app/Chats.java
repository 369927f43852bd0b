package app;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The WebSockets of {@link Probe}: {@code say=<text>} goes over the one that is open for the URL,
 * else over a new one; with {@code anew} over one that is closed afterwards. The answer is what is
 * heard next.
 */
final class Chats {
  private static final int PATIENCE_SECONDS = 20;

  private final HttpClient client;
  private final Map<String, Chat> open = new ConcurrentHashMap<>();

  Chats(HttpClient client) {
    this.client = client;
  }

  String answer(String[] words) throws Exception {
    String said = "";
    boolean anew = false;
    for (String word : words) {
      if (word.startsWith("say=")) {
        said = word.substring("say=".length());
      }
      anew |= word.equals("anew");
    }
    try {
      Chat chat = anew ? null : open.get(words[1]);
      if (chat == null) {
        chat = new Chat(client, URI.create(words[1]));
      }
      String heard = chat.say(said);
      if (anew) {
        chat.socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
      } else {
        open.put(words[1], chat);
      }
      return "101 - HTTP_1_1 " + heard;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        var response = refused.getResponse();
        String reason = response.headers().firstValue("x-weft-reason").orElse("-");
        return response.statusCode() + " " + reason.replace(' ', '+') + " HTTP_1_1 refused";
      }
      throw e;
    }
  }

  private static final class Chat implements WebSocket.Listener {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final WebSocket socket;

    Chat(HttpClient client, URI uri) throws ExecutionException, InterruptedException {
      socket = client.newWebSocketBuilder().buildAsync(uri, this).get();
    }

    String say(String text) throws Exception {
      socket.sendText(text, true).get();
      return String.valueOf(heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      heard.add(data.toString());
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
      heard.add("closed " + status);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
      heard.add("failed " + failure);
    }
  }
}
