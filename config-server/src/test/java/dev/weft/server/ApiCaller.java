package dev.weft.server;

import dev.weft.server.http.Caller;
import dev.weft.server.http.Route;
import dev.weft.server.protocol.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Calls a server as somebody, and checks each answer against the description. */
final class ApiCaller {
  private final TestServer server;
  private final DescribedApi api;
  private final HttpClient http;
  private final Set<String> secrets = new TreeSet<>();

  ApiCaller(TestServer server, DescribedApi api) throws Exception {
    this.server = server;
    this.api = api;
    this.http = server.client();
  }

  HttpResponse<byte[]> nobody(String method, String path, @Nullable Map<String, Object> body)
      throws Exception {
    return call(method + " " + path, path, "", body == null ? null : Json.text(body));
  }

  HttpResponse<byte[]> operator(String method, String path) throws Exception {
    return operator(method, path, "");
  }

  HttpResponse<byte[]> operator(String method, String path, String query) throws Exception {
    return call(method + " " + path, path + query, server.operatorToken(), null);
  }

  HttpResponse<byte[]> operatorAt(String operation, String path, @Nullable String body)
      throws Exception {
    return call(operation, path, server.operatorToken(), body);
  }

  /** Calls a route with an operator token, whatever it needs; empty: without one. */
  void with(Route route, String token) throws Exception {
    String path = route.path().replaceAll("\\{[^}]*}", "x");
    String body = route.maxBody() > 0 ? "{}" : null;
    call(route.method() + " " + route.path(), path, token, body);
    if (route.caller() == Caller.VIEWER && !token.isEmpty()) {
      throw new AssertionError("a viewer may call " + route.path());
    }
  }

  String part(HttpResponse<byte[]> created, String key) throws Exception {
    return String.valueOf(Json.object(created.body()).get(key));
  }

  /** What must stand in no log. */
  Set<String> secrets() {
    return secrets;
  }

  void dashboard(String path) throws Exception {
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(server.dashboard().resolve(path)).build(),
            BodyHandlers.discarding());
  }

  void agent(TestAgent agent, String path, Map<String, Object> body) throws Exception {
    api.check(
        "POST " + path,
        agent.postBytes(path, Json.bytes(body), "Content-Type", "application/json"));
  }

  void export(TestAgent agent, String path, byte[] body, String type) throws Exception {
    api.check("POST " + path, agent.postBytes(path, body, "Content-Type", type));
  }

  /** Opens a watch and checks its first lines. */
  void watch(TestAgent agent, Map<String, Object> body, int lines) throws Exception {
    HttpResponse<InputStream> answer = agent.stream(body);
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      for (int i = 0; i < lines; i++) {
        String line = reader.readLine();
        if (line == null) {
          throw new IOException("the stream ended after " + i + " lines");
        }
        api.check(
            "POST /v1/watch",
            answer.statusCode(),
            answer.headers().firstValue("content-type").orElse(""),
            line.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private HttpResponse<byte[]> call(
      String operation, String path, String token, @Nullable String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri().resolve(path))
            .method(
                operation.substring(0, operation.indexOf(' ')),
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<byte[]> answer = http.send(request.build(), BodyHandlers.ofByteArray());
    api.check(operation, answer);
    return answer;
  }
}
