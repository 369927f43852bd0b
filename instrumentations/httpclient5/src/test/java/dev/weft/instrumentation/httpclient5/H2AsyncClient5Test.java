package dev.weft.instrumentation.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Target;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Woven;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.H2AsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The client that speaks HTTP/2 only, against servers that do. */
@Timeout(60)
class H2AsyncClient5Test {
  private final FakeClientMesh mesh = new FakeClientMesh();
  @RegisterExtension static final Woven WOVEN = Woven.by(new HttpAsyncClient5Instrumentation());
  private H2Server one;
  private H2Server two;
  private CloseableHttpAsyncClient client;

  @BeforeEach
  void start() throws Exception {
    Mesh.install(mesh, new FakeServerMesh());
    one = new H2Server("one");
    two = new H2Server("two");
    mesh.ports.add(one.port());
    client = H2AsyncClientBuilder.create().build();
    client.start();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    one.close();
    two.close();
  }

  private SimpleHttpResponse get(String path) throws Exception {
    return send(new BasicRequestProducer(request("GET", path), null));
  }

  private SimpleHttpResponse post(String path, String body) throws Exception {
    return send(
        new BasicRequestProducer(
            request("POST", path),
            new BasicAsyncEntityProducer(
                body.getBytes(StandardCharsets.UTF_8), ContentType.TEXT_PLAIN)));
  }

  private SimpleHttpResponse send(BasicRequestProducer request) throws Exception {
    try {
      return client
          .execute(request, SimpleResponseConsumer.create(), HttpClientContext.create(), null)
          .get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static BasicHttpRequest request(String method, String path) {
    return new BasicHttpRequest(method, URI.create("http://pay:8080" + path));
  }

  @Test
  void dialsTheEndpointAndKeepsTheAuthority() throws Exception {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"));

    assertThat(get("/a?b=c").getBodyText())
        .startsWith("one GET /a?b=c authority=pay:8080 trace=00-abc");
    assertThat(mesh.events).containsExactly("begin GET /a?b=c", "end 200");
  }

  @Test
  void theClientOfBothProtocolsSpeaksHttp2WhereItIsToldTo() throws Exception {
    client.close();
    client =
        HttpAsyncClientBuilder.create().setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_2).build();
    client.start();

    assertThat(post("/x", "money").getBodyText())
        .startsWith("one POST /x authority=pay:8080")
        .endsWith("HTTP/2.0 body=money");
    assertThat(get("/").getBodyText()).startsWith("one GET / authority=pay:8080");
  }

  @Test
  void sessionsAreReusedPerEndpointAndNeverMixedUp() throws Exception {
    for (int i = 0; i < 6; i++) {
      mesh.ports.set(0, i % 2 == 0 ? one.port() : two.port());
      assertThat(get("/").getBodyText()).startsWith(i % 2 == 0 ? "one " : "two ");
    }
    assertThat(one.connections()).isEqualTo(1);
    assertThat(two.connections()).isEqualTo(1);
  }

  @Test
  void repeatsAnUnsentPostOnAnotherEndpoint() throws Exception {
    mesh.ports.add(0, HttpClient5Contract.closedPort());

    assertThat(post("/x", "money").getBodyText()).startsWith("one ").endsWith("body=money");
    assertThat(mesh.events).containsExactly("begin POST /x", "retry UNSENT", "end 200");
  }

  @Test
  void aRetryByStatusKeepsTheSession() throws Exception {
    mesh.retried = Set.of(503);
    one.failNext(1);

    assertThat(post("/x", "money").getBodyText()).startsWith("one ").endsWith("body=money");
    assertThat(mesh.events).containsExactly("begin POST /x", "drop 503", "end 200");
    assertThat(one.connections()).isEqualTo(1);
  }

  @Test
  void anUnansweredStreamIsRacedAndItsSessionKept() throws Exception {
    mesh.ports.add(0, two.port());
    mesh.hedgeDelay = Duration.ofMillis(20);
    two.silence();

    for (int i = 0; i < 3; i++) {
      assertThat(post("/x", "money").getBodyText()).startsWith("one ").endsWith("body=money");
    }

    assertThat(mesh.events).startsWith("begin POST /x", "hedge");
    assertThat(one.connections()).isEqualTo(1);
    assertThat(two.connections()).isEqualTo(1);
  }

  @Test
  void asksForWhatPolicyRewrote() throws Exception {
    mesh.target = new Target(Optional.of("other:81"), Optional.of("/v2"));

    assertThat(get("/a").getBodyText()).startsWith("one GET /v2 authority=other:81");
  }

  @Test
  void repliesLocally() throws Exception {
    mesh.reply = new LocalReply(503, "UH", "HTTPRoute default/pay", "no endpoint");

    SimpleHttpResponse response = get("/");
    assertThat(response.getBodyText()).isEqualTo("no endpoint\n");
    assertThat(response.getVersion()).isEqualTo(HttpVersion.HTTP_2);
  }

  @Test
  void endsWithTheRulesTimeout() throws Exception {
    mesh.timeout = Duration.ofMillis(200);
    one.silence();

    assertThatThrownBy(() -> get("/"))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("test-rule");
    assertThat(mesh.events).contains("end SocketTimeoutException");
  }
}
