package shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Whoever calls the shop. Reads requests from stdin, one a line, sends them at once, and answers on
 * stdout in the order in which they finish:
 *
 * <pre>
 *   17 http://web/ x-tester=v2         &lt;id&gt; &lt;url&gt; [&lt;header&gt;=&lt;value&gt;...]
 *   17 200 - {"service":"web", ...}    &lt;id&gt; &lt;status, 0: none&gt; &lt;x-weft-reason, -: none&gt; &lt;body or error&gt;
 * </pre>
 *
 * Spaces in the third field are written as {@code +}. Ends with its input.
 */
public final class Client {
  private static final int THREADS = 16;

  private final HttpClient http = HttpClient.newHttpClient();

  private Client() {}

  /** Prints {@code ready} when it can take requests. */
  public static void main(String[] args) throws IOException {
    Client client = new Client();
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.trim().split(" ");
      pool.execute(() -> System.out.println(words[0] + " " + client.send(words)));
    }
    pool.shutdown();
  }

  private String send(String[] words) {
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(words[1]));
      for (int i = 2; i < words.length; i++) {
        int equals = words[i].indexOf('=');
        request.header(words[i].substring(0, equals), words[i].substring(equals + 1));
      }
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      String reason = response.headers().firstValue("x-weft-reason").orElse("-");
      return response.statusCode() + " " + reason.replace(' ', '+') + " " + line(response.body());
    } catch (IOException | RuntimeException e) {
      return "0 - " + line(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "0 - interrupted";
    }
  }

  private static String line(String text) {
    return text.replace('\r', ' ').replace('\n', ' ');
  }
}
