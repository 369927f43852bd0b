package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.Program;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Two Spring Boot applications in a mesh without plaintext, which call each other and themselves:
 * {@code three} on Boot 3, {@code four} on Boot 4. Both are the same ({@code boot.Application}),
 * started by {@code java -jar}.
 */
final class SpringMesh implements AutoCloseable {
  static final List<String> APPLICATIONS = List.of("three", "four");

  private static final JsonMapper JSON = new JsonMapper();

  private final TestMesh mesh;
  private final Map<String, Child> applications = new TreeMap<>();
  private final Client caller;

  static SpringMesh start(Jdk jdk, Map<String, String> documents)
      throws IOException, InterruptedException {
    TestMesh mesh = TestMesh.start("spring", jdk, documents);
    SpringMesh spring = null;
    try {
      spring = new SpringMesh(mesh, jdk);
      return spring;
    } finally {
      if (spring == null) {
        mesh.local().close();
      }
    }
  }

  private SpringMesh(TestMesh mesh, Jdk jdk) throws IOException, InterruptedException {
    this.mesh = mesh;
    for (String name : APPLICATIONS) {
      applications.put(name, mesh.local().run(program(name, jdk)));
    }
    for (Child application : applications.values()) {
      LocalMesh.address(application);
    }
    this.caller = mesh.call(TestMesh.probe("caller", "async"));
    awaitEndpoints();
  }

  /** A program that serves is an endpoint only when others have heard of it. */
  private void awaitEndpoints() {
    for (String from : APPLICATIONS) {
      for (String to : APPLICATIONS) {
        String order = order(from, "restclient", "http://" + to + "/hello", "");
        TestMesh.eventually(() -> assertThat(caller.get(order).body()).contains("\"status\":200"));
      }
    }
  }

  /**
   * Its agent asks Spring's health endpoint whether it is well, under STRICT too; so seldom that a
   * busy machine is not taken for an illness.
   */
  private static Program program(String name, Jdk jdk) throws IOException {
    Map<String, String> environment = new TreeMap<>();
    environment.put("SPRING_APPLICATION_NAME", name);
    // Where there are virtual threads, the newer one serves and calls on them.
    environment.put(
        "SPRING_THREADS_VIRTUAL_ENABLED",
        String.valueOf(name.equals("four") && jdk.feature() >= 21));
    String port = String.valueOf(FreePort.find());
    environment.put("SERVER_PORT", port);
    environment.put("WEFT_HEALTH", "http://localhost:" + port + "/actuator/health");
    environment.put("WEFT_HEALTH_INTERVAL", "60s");
    return Program.of(name, launch(name)).with(environment);
  }

  private static List<String> launch(String application) {
    return List.of("-jar", Built.springBoot(application.equals("three") ? 3 : 4).toString());
  }

  /** Where logs lie. */
  Path logs() {
    return mesh.local().logs();
  }

  /** The newest traces. */
  JsonNode traces() throws IOException, InterruptedException {
    return mesh.local().api().get("/v1/traces?limit=500").path("traces");
  }

  /** One of the applications. */
  Child application(String name) {
    return applications.get(name);
  }

  /** What a client of the mesh gets. */
  JsonNode get(String url) throws IOException, InterruptedException {
    return json(caller.get(url).body());
  }

  /** The same program without the agent. */
  ProcessBuilder withoutMesh(String application) {
    return mesh.local().java(launch(application));
  }

  /** What the agents of a service say of themselves. */
  List<JsonNode> status(String service) throws IOException, InterruptedException {
    return rows("/v1/status", "agents", service).map(agent -> agent.path("status")).toList();
  }

  /** The connections of a service's workloads. */
  List<JsonNode> connections(String service, String direction)
      throws IOException, InterruptedException {
    return rows("/v1/connections", "workloads", service)
        .flatMap(workload -> workload.path("connections").valueStream())
        .filter(row -> row.path("direction").asString().equals(direction))
        .toList();
  }

  private Stream<JsonNode> rows(String path, String name, String service)
      throws IOException, InterruptedException {
    return mesh.local()
        .api()
        .get(path)
        .path(name)
        .valueStream()
        .filter(row -> row.path("service").asString().equals(service));
  }

  /** The labels of {@code istio_requests_total}, as the server's agent counts it. */
  List<JsonNode> requestsBetween(String client, String server)
      throws IOException, InterruptedException {
    return mesh.local()
        .api()
        .get("/v1/metrics/query?name=istio_requests_total")
        .path("series")
        .valueStream()
        .map(series -> series.path("labels"))
        .filter(labels -> labels.path("reporter").asString().equals("destination"))
        .filter(labels -> labels.path("source_principal").asString().endsWith("/sa/" + client))
        .filter(labels -> labels.path("destination_principal").asString().endsWith("/sa/" + server))
        .toList();
  }

  /** Lets an application call. */
  CompletableFuture<Got> send(String application, String client, String uri, String... headers) {
    return got(order(application, client, uri, "", headers));
  }

  /** The same with a body. */
  CompletableFuture<Got> post(String application, String client, String uri, String body) {
    return got(order(application, client, uri, body, "content-type:text/plain;charset=utf-8"));
  }

  private CompletableFuture<Got> got(String order) {
    return caller.send(order).thenApply(answer -> Got.of(json(answer.body())));
  }

  /**
   * What the application's client showed it.
   *
   * @param reason {@code x-weft-reason}; empty: none
   * @param failures class names of what was thrown and of its causes
   */
  record Got(int status, String reason, String body, List<String> failures) {
    static Got of(JsonNode outcome) {
      return new Got(
          outcome.path("status").asInt(),
          outcome.path("headers").path("x-weft-reason").asString(""),
          outcome.path("body").asString(),
          outcome.path("failures").valueStream().map(JsonNode::asString).toList());
    }

    /** The body of a {@code boot.Answers.Hello}. */
    JsonNode hello() {
      return JSON.readTree(body);
    }
  }

  private static String order(
      String application, String client, String uri, String body, String... headers) {
    List<String> query = new ArrayList<>(List.of("client=" + client, "uri=" + encoded(uri)));
    for (String header : headers) {
      query.add("header=" + encoded(header));
    }
    if (!body.isEmpty()) {
      query.add("body=" + encoded(body));
    }
    return "http://" + application + "/call?" + String.join("&", query);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The probe says the protocol before the body. */
  private static JsonNode json(String text) {
    return JSON.readTree(text.replaceFirst("^HTTP_[12](_1)? ", ""));
  }

  @Override
  public void close() {
    mesh.close();
  }
}
