package dev.weft.server.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the config server's HTTP API as an operator. Thread-safe. */
public final class ServerApi {
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final URI base;
  private final String token;

  private ServerApi(URI base, String token) {
    this.base = base;
    this.token = token;
  }

  /** Takes the operator token out of the server's state folder. */
  static ServerApi of(String dashboardUrl, Path state) throws IOException {
    return new ServerApi(
        URI.create(dashboardUrl), Files.readString(state.resolve("operator.token")).trim());
  }

  /** The page for people; the token in it is good for this server alone. */
  public URI page() {
    return base.resolve("/?token=" + token);
  }

  /**
   * The answer to a GET.
   *
   * @param path path and query
   * @throws IOException when it is not 200
   */
  public JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(path))
            .header("authorization", "Bearer " + token)
            .timeout(Duration.ofSeconds(10))
            .build();
    HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(path + " answered " + response.statusCode() + " " + response.body());
    }
    return JSON.readTree(response.body());
  }
}
