package dev.weft.server.keys;

import dev.weft.policy.document.KeySetText;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.Refusal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Fetches a key set, within bounds of time and size, and follows no redirect. Thread-safe. */
final class KeyFetcher {
  private static final int MOST_BYTES = 256 * 1024;
  private static final int OK = 200;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  /**
   * The key set (RFC 7517) at an address, in one spelling, however it was written there.
   *
   * @param within for everything, from the first byte to the last
   * @throws IOException with a sentence for people
   */
  String fetch(String uri, Duration within) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri))
            .timeout(within)
            .header("Accept", "application/jwk-set+json, application/json")
            .build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, head -> new BoundedBody(MOST_BYTES));
    try {
      HttpResponse<byte[]> response = answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != OK) {
        throw new IOException("answered with status " + response.statusCode());
      }
      return keySet(response.body());
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException("took longer than " + within, e);
    } finally {
      answer.cancel(true); // closes the connection, if it is not over
    }
  }

  private static String keySet(byte[] body) throws IOException {
    Map<String, Object> set;
    try {
      set = Json.object(body);
    } catch (Refusal e) {
      throw new IOException("is no key set (RFC 7517)", e);
    }
    if (!(set.get("keys") instanceof List<?> keys) || keys.isEmpty()) {
      throw new IOException("has no keys");
    }
    String text = Json.text(set); // where no escape can hide the name of a member
    Optional<String> problem = KeySetText.problem(text);
    if (problem.isPresent()) {
      throw new IOException(problem.get());
    }
    return text;
  }
}
