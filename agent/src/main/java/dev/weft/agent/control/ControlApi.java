package dev.weft.agent.control;

import dev.weft.agent.identity.ControlTls;
import dev.weft.agent.identity.Identity;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Speaks the protocol with the config server: JSON over HTTP/1.1 over TLS 1.3. Thread-safe; call it
 * from the agent's own threads only, because the HTTP client's selector thread belongs to the group
 * of the thread that made it.
 */
final class ControlApi {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(10);

  private final ControlTls tls;
  private final IdentityStore identities;
  private final Executor executor;
  private @Nullable HttpClient client;
  private @Nullable X509Certificate presented;

  ControlApi(ControlTls tls, IdentityStore identities, Executor executor) {
    this.tls = tls;
    this.identities = identities;
    this.executor = executor;
  }

  /**
   * Posts and reads the answer.
   *
   * @throws RefusedException when the server said no for good, or is not to be trusted
   * @throws IOException when trying again may help
   */
  Map<String, Object> call(URI server, String path, Map<String, Object> body)
      throws IOException, InterruptedException {
    try (Lines lines = open(server, path, body, CALL_LIMIT)) {
      return Json.object(lines.rest(CALL_LIMIT));
    }
  }

  /** Posts and leaves the answer open, for streams; errors as {@link #call}. */
  Lines stream(URI server, String path, Map<String, Object> body)
      throws IOException, InterruptedException {
    return open(server, path, body, CALL_LIMIT);
  }

  private Lines open(URI server, String path, Map<String, Object> body, Duration headersWithin)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve(path))
            .header("Content-Type", "application/json")
            .timeout(headersWithin)
            .POST(HttpRequest.BodyPublishers.ofString(Json.text(body)))
            .build();
    HttpResponse<Lines> response;
    try {
      response = client().send(request, headers -> new Lines());
    } catch (IOException e) {
      throw RefusedException.recognised(e);
    }
    if (response.statusCode() == 200) {
      return response.body();
    }
    try (Lines lines = response.body()) {
      throw failure(response, lines.rest(CALL_LIMIT));
    }
  }

  private static IOException failure(HttpResponse<?> response, String body) {
    int status = response.statusCode();
    Map<?, ?> error = error(body);
    String code = error.isEmpty() ? "" : String.valueOf(error.get("code"));
    String message =
        "the config server answered "
            + status
            + (error.isEmpty() ? "" : " " + code + ": " + error.get("message"));
    if (status == 429 || status == 503) {
      return new BusyException(message, retryAfter(response));
    }
    boolean refused = status >= 400 && status < 500 && status != 408;
    return refused ? new RefusedException(message, code) : new IOException(message);
  }

  private static Map<?, ?> error(String body) {
    try {
      if (Json.object(body).get("error") instanceof Map<?, ?> error) {
        return error;
      }
    } catch (IOException e) {
      // not our server's way to say it; the status stands alone
    }
    return Map.of();
  }

  /** RFC 9110, section 10.2.3, in seconds; a date or nothing is one second. */
  private static Duration retryAfter(HttpResponse<?> response) {
    String text = response.headers().firstValue("Retry-After").orElse("");
    return text.matches("[0-9]{1,4}")
        ? Duration.ofSeconds(Long.parseLong(text))
        : Duration.ofSeconds(1);
  }

  /**
   * A client for the identity of now. After enrolment and renewal it is a new one: the old one's
   * connections carry the old identity, and end with what still runs on them.
   */
  private synchronized HttpClient client() {
    Identity identity = identities.current();
    X509Certificate leaf = identity == null ? null : identity.leaf();
    HttpClient now = client;
    if (now == null || !Objects.equals(leaf, presented)) {
      now =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .proxy(HttpClient.Builder.NO_PROXY)
              .connectTimeout(CONNECT_LIMIT)
              .executor(executor)
              .sslContext(tls.sslContext())
              .sslParameters(tls.sslParameters())
              .build();
      client = now;
      presented = leaf;
    }
    return now;
  }
}
