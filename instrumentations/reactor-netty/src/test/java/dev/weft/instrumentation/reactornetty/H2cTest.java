package dev.weft.instrumentation.reactornetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Woven;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.ByteBufMono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;

/** HTTP/2 without TLS, known before or by upgrade. */
@Timeout(60)
class H2cTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension static final Woven WOVEN = Woven.by(new ReactorNettyInstrumentation());

  private final FakeClientMesh mesh = new FakeClientMesh();
  private final Set<String> connections = ConcurrentHashMap.newKeySet();
  private DisposableServer one;
  private DisposableServer two;
  private ConnectionProvider pool;

  @BeforeEach
  void start() {
    Mesh.install(mesh, new FakeServerMesh());
    one = server("one");
    two = server("two");
    mesh.ports.add(one.port());
    pool = ConnectionProvider.create("h2c", 4);
  }

  @AfterEach
  void stop() {
    pool.disposeLater().block(PATIENCE);
    one.disposeNow(PATIENCE);
    two.disposeNow(PATIENCE);
  }

  private DisposableServer server(String name) {
    return HttpServer.create()
        .host("127.0.0.1")
        .port(0)
        .protocol(HttpProtocol.H2C, HttpProtocol.HTTP11)
        .handle(
            (request, response) -> {
              connections.add(name + " " + request.remoteAddress());
              boolean unwell = request.uri().equals("/503-at-" + name);
              String head =
                  name
                      + " "
                      + request.uri()
                      + " host="
                      + request.requestHeaders().get("host")
                      + " trace="
                      + request.requestHeaders().get("traceparent")
                      + " stream="
                      + request.requestHeaders().contains("x-http2-stream-id")
                      + " body=";
              return response
                  .status(unwell ? 503 : 200)
                  .sendString(
                      request
                          .receive()
                          .aggregate()
                          .asString()
                          .defaultIfEmpty("")
                          .map(head::concat));
            })
        .bindNow(PATIENCE);
  }

  private HttpClient client(boolean known) {
    HttpClient client = HttpClient.create(pool).baseUrl("http://pay:8080");
    return known
        ? client.protocol(HttpProtocol.H2C)
        : client.protocol(HttpProtocol.H2C, HttpProtocol.HTTP11);
  }

  private static String text(HttpClient.ResponseReceiver<?> request) {
    return request.responseContent().aggregate().asString().block(PATIENCE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void dialsTheEndpointAndEditsWhatGoesOverTheWire(boolean known) {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"));

    HttpClient client = client(known);
    for (int i = 0; i < 3; i++) {
      assertThat(text(client.get().uri("/x"))).startsWith("one /x host=pay:8080 trace=00-abc");
    }
    await()
        .untilAsserted(
            () ->
                assertThat(mesh.events)
                    .containsExactlyInAnyOrder(
                        "begin GET /x",
                        "end 200",
                        "begin GET /x",
                        "end 200",
                        "begin GET /x",
                        "end 200"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void asksForAnotherTarget(boolean known) {
    mesh.target = new Target(Optional.of("inner.test"), Optional.of("/rewritten"));

    assertThat(text(client(known).get().uri("/x"))).startsWith("one /rewritten host=inner.test ");
  }

  /** Known before: with the upgrade, the library itself loses a body. */
  @Test
  void sendsBodies() {
    HttpClient client = client(true);
    for (int i = 0; i < 3; i++) {
      assertThat(text(client.post().uri("/").send(ByteBufMono.fromString(Mono.just("one piece")))))
          .endsWith(" body=one piece");
      assertThat(
              text(client.post().uri("/").send(ByteBufFlux.fromString(Flux.just("in ", "parts")))))
          .endsWith(" body=in parts");
    }
  }

  @Test
  void repeatsByStatusAndAfterARefusedConnect() throws Exception {
    mesh.retried = Set.of(503);
    mesh.ports.add(0, Servers.closedPort());
    HttpClient client = client(true);
    assertThat(text(client.get().uri("/"))).startsWith("one ");
    mesh.ports.add(1, two.port());
    assertThat(text(client.get().uri("/"))).startsWith("two ");
    mesh.ports.add(1, one.port());

    assertThat(
            text(client.post().uri("/503-at-one").send(ByteBufMono.fromString(Mono.just("money")))))
        .startsWith("two ")
        .endsWith(" body=money");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void neverMixesEndpoints(boolean known) {
    HttpClient client = client(known);
    for (int i = 0; i < 5; i++) {
      assertThat(text(client.get().uri("/"))).startsWith("one ");
    }
    mesh.ports.set(0, two.port());
    for (int i = 0; i < 5; i++) {
      assertThat(text(client.get().uri("/"))).startsWith("two ");
    }
    assertThat(connections).hasSizeLessThanOrEqualTo(8);
  }
}
