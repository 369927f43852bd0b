package app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A client whose library {@code STACK} names: {@code sync}, {@code async} ({@link HttpClient} with
 * HTTP/1.1), {@code h2c} (HttpClient with an upgrade to HTTP/2) or {@code urlconnection}. Speaks
 * the line protocol of {@code shop.Client}; the word {@code size=<n>} makes it POST n bytes and say
 * {@code same} when they came back. URLs of {@code ws:} are {@link Chats}.
 */
public final class Probe {
  private static final String STACK = System.getenv().getOrDefault("STACK", "sync");
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(STACK.equals("h2c") ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
          .build();

  private static final Chats CHATS = new Chats(HTTP);

  private Probe() {}

  /** Prints {@code ready}. */
  public static void main(String[] args) throws IOException, ReflectiveOperationException {
    ExecutorService pool = executor();
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.trim().split(" ");
      pool.execute(() -> System.out.println(words[0] + " " + answer(words)));
    }
    pool.shutdown();
  }

  private static ExecutorService executor() throws ReflectiveOperationException {
    if ("virtual".equals(System.getenv("THREADS"))) {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }
    return Executors.newFixedThreadPool(16);
  }

  private static String answer(String[] words) {
    byte[] body = new byte[0];
    for (String word : words) {
      if (word.startsWith("size=")) {
        body = new byte[Integer.parseInt(word.substring("size=".length()))];
        new Random(words[0].hashCode()).nextBytes(body);
      }
    }
    try {
      if (words[1].startsWith("ws:")) {
        return CHATS.answer(words);
      }
      return STACK.equals("urlconnection")
          ? withUrlConnection(URI.create(words[1]), body)
          : withHttpClient(URI.create(words[1]), body);
    } catch (Exception e) {
      return "0 - " + e.toString().replace('\n', ' ');
    }
  }

  private static String withHttpClient(URI url, byte[] body) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(url);
    if (body.length > 0) {
      request.POST(BodyPublishers.ofByteArray(body));
    }
    HttpResponse<byte[]> response =
        STACK.equals("async")
            ? HTTP.sendAsync(request.build(), BodyHandlers.ofByteArray()).get()
            : HTTP.send(request.build(), BodyHandlers.ofByteArray());
    String reason = response.headers().firstValue("x-weft-reason").orElse("-").replace(' ', '+');
    return response.statusCode()
        + " "
        + reason
        + " "
        + response.version()
        + " "
        + verdict(body, response.body());
  }

  private static String withUrlConnection(URI url, byte[] body) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    if (body.length > 0) {
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
    }
    int status = connection.getResponseCode();
    String reason = connection.getHeaderField("x-weft-reason");
    InputStream stream = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    try (InputStream in = stream == null ? InputStream.nullInputStream() : stream) {
      return status
          + " "
          + (reason == null ? "-" : reason.replace(' ', '+'))
          + " HTTP_1_1 "
          + verdict(body, in.readAllBytes());
    }
  }

  private static String verdict(byte[] sent, byte[] received) {
    if (sent.length == 0) {
      return new String(received, StandardCharsets.UTF_8).replace('\n', ' ');
    }
    return Arrays.equals(sent, received)
        ? "same " + received.length
        : "different: sent " + sent.length + ", received " + received.length;
  }
}
