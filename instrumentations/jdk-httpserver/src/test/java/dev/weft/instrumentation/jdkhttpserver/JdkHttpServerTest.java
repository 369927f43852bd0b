package dev.weft.instrumentation.jdkhttpserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Weaver;
import dev.weft.instrumentation.testing.Woven;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(30)
class JdkHttpServerTest {
  @RegisterExtension static final Woven WOVEN = Woven.by(new JdkHttpServerInstrumentation());

  private final FakeServerMesh mesh = new FakeServerMesh();
  private final List<String> application = new CopyOnWriteArrayList<>();
  private final List<HttpExchange> parked = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    Mesh.install(new FakeClientMesh(), mesh);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server
        .createContext("/", this::handle)
        .getFilters()
        .add(Filter.beforeHandler("sees", e -> application.add("filter " + e.getRequestURI())));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    application.add("handle " + path + " in " + FakeServerMesh.current());
    if (path.equals("/who")) {
      application.add("user " + exchange.getRequestHeaders().get("X-User"));
      application.add("token " + exchange.getRequestHeaders().get("X-Token"));
      application.add("other " + exchange.getRequestHeaders().get("X-Other"));
    }
    switch (path) {
      case "/later" -> parked.add(exchange);
      case "/throws" -> throw new IllegalStateException("broken");
      default -> {
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
      }
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  @Test
  void everyWovenMethodExists() {
    assertThat(
            Weaver.unmatched(
                new JdkHttpServerInstrumentation(), ClassLoader.getPlatformClassLoader()))
        .isEmpty();
  }

  @Test
  void letsAllowedRequestsIn() throws Exception {
    assertThat(get("/open?x=y").statusCode()).isEqualTo(204);
    assertThat(application).containsExactly("filter /open?x=y", "handle /open in /open");
    await()
        .untilAsserted(() -> assertThat(mesh.events).containsExactly("begin GET /open", "end 204"));
  }

  @Test
  void theLastResponseOfAConnectionSaysThatItIs() throws Exception {
    assertThat(get("/last").headers().firstValue("Connection")).contains("close");
    assertThat(get("/open").headers().firstValue("Connection")).isEmpty();
  }

  @Test
  void answersRefusedRequestsBeforeTheApplicationsFirstFilter() throws Exception {
    HttpResponse<String> response = get("/secret");

    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.headers().firstValue("x-weft-reason"))
        .contains("UAEX; AuthorizationPolicy test/none");
    assertThat(application).isEmpty();
    assertThat(get("/open").statusCode()).isEqualTo(204);
  }

  @Test
  void challengesWhoeverComesWithABadToken() throws Exception {
    HttpResponse<String> response = get("/token");

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate"))
        .contains("Bearer error=\"invalid_token\"");
    assertThat(get("/secret").headers().firstValue("WWW-Authenticate")).isEmpty();
  }

  @Test
  void theApplicationSeesTheHeadersThatTheMeshSets() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/who?a=%20b");
    client.send(
        HttpRequest.newBuilder(uri)
            .header("x-user", "admin")
            .header("X-USER", "root")
            .header("x-token", "t")
            .header("x-other", "o")
            .build(),
        BodyHandlers.ofString());

    assertThat(mesh.events).contains("user set true", "token gone true");
    assertThat(mesh.seenQuery).isEqualTo("a=%20b");
    assertThat(application).contains("user [alice]", "token null", "other [o]");
  }

  @Test
  void seesThePeerOfTheSocket() throws Exception {
    get("/open");

    assertThat(mesh.seenLocalPort).isEqualTo(server.getAddress().getPort());
    assertThat(mesh.seenRemote).startsWith("/127.0.0.1:").doesNotEndWith(":0");
    assertThat(mesh.seenAuthority).isEqualTo("127.0.0.1:" + server.getAddress().getPort());
  }

  @Test
  void endsWhenALateAnswerIsSent() throws Exception {
    var response =
        client.sendAsync(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/later"))
                .build(),
            BodyHandlers.ofString());
    await().until(() -> !parked.isEmpty());
    assertThat(mesh.events).containsExactly("begin GET /later");

    parked.get(0).sendResponseHeaders(201, -1);
    parked.get(0).close();

    assertThat(response.get().statusCode()).isEqualTo(201);
    await()
        .untilAsserted(
            () -> assertThat(mesh.events).containsExactly("begin GET /later", "end 201"));
  }

  @Test
  void reportsWhatTheApplicationThrew() {
    assertThatThrownBy(() -> get("/throws")).isInstanceOf(IOException.class);
    await()
        .untilAsserted(
            () -> assertThat(mesh.events).startsWith("begin GET /throws", "end 0 broken"));
  }

  @Test
  void coversThePortFromStartToStop() {
    int port = server.getAddress().getPort();
    assertThat(mesh.covered).containsExactly(port);

    assertThatThrownBy(server::start).isInstanceOf(IllegalStateException.class);
    server.stop(0);

    assertThat(mesh.covered).isEmpty();
    assertThatThrownBy(server::start).isInstanceOf(IllegalStateException.class);
    assertThat(mesh.covered).isEmpty();
  }
}
