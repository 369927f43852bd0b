package dev.weft.instrumentation.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Woven;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 without an upgrade. */
@Timeout(60)
@DisabledIfSystemProperty(named = "weft.okhttp.version", matches = "4\\.4\\..*")
class PriorKnowledgeTest {
  @RegisterExtension static final Woven WOVEN = Woven.by(new OkHttpInstrumentation());
  private static TomcatH2c one;
  private static TomcatH2c two;

  private final FakeClientMesh mesh = new FakeClientMesh();
  private final OkHttpClient client =
      new OkHttpClient.Builder().protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)).build();

  @BeforeAll
  static void startServers(@TempDir Path folder) throws Exception {
    one = new TomcatH2c("one", folder);
    two = new TomcatH2c("two", folder);
  }

  @AfterAll
  static void stopServers() throws Exception {
    one.close();
    two.close();
  }

  @BeforeEach
  void start() {
    Mesh.install(mesh, new FakeServerMesh());
    mesh.ports.add(one.port());
  }

  @AfterEach
  void stop() {
    client.connectionPool().evictAll();
  }

  private String send(String url) throws IOException {
    try (Response response = client.newCall(new Request.Builder().url(url).build()).execute()) {
      assertThat(response.protocol()).isEqualTo(Protocol.H2_PRIOR_KNOWLEDGE);
      assertThat(response.request().url().toString()).isEqualTo(url);
      return response.body().string();
    }
  }

  @Test
  void dialsTheEndpointAndKeepsTheAuthority() throws Exception {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"));

    assertThat(send("http://pay:81/x?y")).isEqualTo("one /x?y pay:81 00-abc");
    mesh.target = new Target(Optional.of("pay-v2"), Optional.of("/v2"));
    assertThat(send("http://pay:81/x?y")).isEqualTo("one /v2 pay-v2 00-abc");
  }

  @Test
  void reusesConnectionsPerEndpointAndNeverMixesThem() throws Exception {
    for (int i = 0; i < 3; i++) {
      mesh.ports.set(0, one.port());
      assertThat(send("http://pay/")).startsWith("one ");
      mesh.ports.set(0, two.port());
      assertThat(send("http://pay/")).startsWith("two ");
    }

    assertThat(client.connectionPool().connectionCount()).isEqualTo(2);
  }

  @Test
  void repeatsByStatusOnAnotherEndpoint() throws Exception {
    mesh.retried = Set.of(503);
    mesh.ports.add(two.port());

    assertThat(send("http://pay/broken-one")).startsWith("two ");
    assertThat(mesh.events).containsExactly("begin GET /broken-one", "drop 503", "end 200");
    assertThat(client.connectionPool().connectionCount()).isEqualTo(2);
  }

  @Test
  void aTimeoutCancelsTheStreamAndKeepsTheConnection() throws Exception {
    send("http://pay/");
    mesh.timeout = Duration.ofMillis(300);

    assertThatThrownBy(() -> send("http://pay/slow"))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("test-rule");
    mesh.timeout = null;

    assertThat(send("http://pay/")).startsWith("one ");
    assertThat(client.connectionPool().connectionCount()).isEqualTo(1);
  }

  @Test
  void aStreamThatLosesIsResetAndItsConnectionKept() throws Exception {
    send("http://pay/");
    mesh.events.clear();
    mesh.ports.add(two.port());
    mesh.hedgeDelay = Duration.ofMillis(20);

    assertThat(send("http://pay/slow-one")).startsWith("two ");

    assertThat(mesh.events).containsExactly("begin GET /slow-one", "hedge", "end 200");
    mesh.hedgeDelay = null;
    assertThat(send("http://pay/")).startsWith("one ");
    assertThat(client.connectionPool().connectionCount()).isEqualTo(2);
    await()
        .untilAsserted(
            () -> assertThat(client.connectionPool().idleConnectionCount()).isEqualTo(2));
  }

  @Test
  void repeatsWhatAnEndpointRefused() throws Exception {
    try (RefusingH2Server refusing = new RefusingH2Server()) {
      mesh.ports.add(0, refusing.port());
      Request post =
          new Request.Builder()
              .url("http://pay/x")
              .post(RequestBody.create("money", MediaType.get("text/plain")))
              .build();

      try (Response response = client.newCall(post).execute()) {
        assertThat(response.body().string()).startsWith("one ");
      }
      assertThat(mesh.events).containsExactly("begin POST /x", "retry REFUSED", "end 200");
    }
  }

  @Test
  void noStreamIsLeftOpen() throws Exception {
    send("http://pay/");

    await()
        .untilAsserted(
            () -> assertThat(client.connectionPool().idleConnectionCount()).isEqualTo(1));
  }
}
