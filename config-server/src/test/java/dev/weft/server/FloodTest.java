package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.server.limit.ConnectionLimit;
import dev.weft.server.limit.Limits;
import dev.weft.server.limit.Quota;
import dev.weft.server.limit.Traffic;
import dev.weft.server.operator.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Too much of anything is refused, and only that. */
class FloodTest {
  private static final Quota FEW = new Quota(0.001, 3, 16, 1 << 20);

  @TempDir private Path folder;

  private TestServer with(Limits limits) throws IOException {
    return TestServer.in(folder, TestServer.QUICK, Duration.ofSeconds(15), limits);
  }

  private static Limits few(Traffic traffic) {
    return new Limits(Map.of(traffic, FEW), ConnectionLimit.usual());
  }

  private static HttpResponse<String> get(TestServer server, String path, String token)
      throws Exception {
    return server
        .client()
        .send(
            HttpRequest.newBuilder(server.uri().resolve(path))
                .header("Authorization", "Bearer " + token)
                .build(),
            BodyHandlers.ofString());
  }

  @Test
  void whoAsksTooOftenIsToldWhenToComeBackAndNobodyElseIs() throws Exception {
    try (TestServer server = with(few(Traffic.READ))) {
      String ci = server.operatorToken("ci", Role.VIEWER);
      for (int i = 0; i < 3; i++) {
        assertThat(get(server, "/v1/status", ci).statusCode()).isEqualTo(200);
      }

      HttpResponse<String> limited = get(server, "/v1/status", ci);

      assertThat(limited.statusCode()).isEqualTo(429);
      assertThat(limited.body()).contains("rate-limited");
      assertThat(limited.headers().firstValueAsLong("retry-after").orElse(0))
          .isBetween(900L, 1000L);
      assertThat(get(server, "/v1/status", server.operatorToken()).statusCode()).isEqualTo(200);
      assertThat(get(server, "/healthz", "").statusCode()).isEqualTo(200);
      assertThat(server.log()).anyMatch(line -> line.contains("operator=ci code=rate-limited"));
    }
  }

  @Test
  void whoFailsTooOftenIsHeldBackAndWhoIsGoodIsNot() throws Exception {
    try (TestServer server = with(few(Traffic.STRANGER))) {
      for (int i = 0; i < 3; i++) {
        assertThat(get(server, "/v1/status", "wrong").statusCode()).isEqualTo(401);
      }

      assertThat(get(server, "/v1/status", "wrong").statusCode()).isEqualTo(429);
      assertThat(get(server, "/no/such/path", "").statusCode()).isEqualTo(429);
      assertThat(get(server, "/v1/status", server.operatorToken()).statusCode()).isEqualTo(200);
      assertThat(TestAgent.enrolled(server, "pay").report(Map.of()).status()).isEqualTo(404);
    }
  }

  @Test
  void agentsAreCountedByIdentityAndNotByAddress() throws Exception {
    try (TestServer server = with(few(Traffic.AGENT))) {
      TestAgent loud = TestAgent.enrolled(server, "pay");
      TestAgent quiet = TestAgent.enrolled(server, "orders");
      for (int i = 0; i < 3; i++) {
        assertThat(loud.report(Map.of()).code()).isEqualTo("unknown-instance");
      }

      assertThat(loud.report(Map.of()).code()).isEqualTo("rate-limited");
      try (TestAgent.Stream stream = quiet.watch("orders", 8080)) {
        assertThat(stream.next()).containsKey("version");
      }
    }
  }

  @Test
  void bodiesOfAllCallersTogetherAreBoundedAndTheirMemoryComesBack() throws Exception {
    Limits limits =
        new Limits(
            Map.of(Traffic.ENROLL, new Quota(1000, 1000, 16, 1_000)), ConnectionLimit.usual());
    try (TestServer server = with(limits)) {
      HttpResponse<String> large = enroll(server, " ".repeat(1_001));
      assertThat(large.statusCode()).isEqualTo(503);
      assertThat(large.headers().firstValue("retry-after")).contains("1");

      for (int i = 0; i < 5; i++) {
        assertThat(enroll(server, " ".repeat(999)).body()).contains("bad-json");
      }
      assertThat(limits.heldBytes(Traffic.ENROLL)).isZero();
      assertThat(limits.waiting(Traffic.ENROLL)).isZero();
    }
  }

  private static HttpResponse<String> enroll(TestServer server, String body) throws Exception {
    return server
        .client()
        .send(
            HttpRequest.newBuilder(server.uri().resolve("/v1/enroll"))
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
  }

  @Test
  void whoLeavesInTheMiddleOfABodyLeavesNothingBehind() throws Exception {
    Limits limits = Limits.usual();
    try (TestServer server = with(limits)) {
      try (SSLSocket socket = socket(server)) {
        write(
            socket,
            "POST /v1/enroll HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
                + " ".repeat(500));
        await().until(() -> limits.heldBytes(Traffic.ENROLL) == 500);
      }

      await().until(() -> limits.heldBytes(Traffic.ENROLL) == 0);
      await().until(() -> limits.connections().open() == 0);
    }
  }

  @Test
  void aConnectionTooManyIsClosedAtOnce() throws Exception {
    Limits limits = new Limits(Map.of(), new ConnectionLimit(10, 2));
    try (TestServer server = with(limits)) {
      URI uri = server.uri();
      try (SSLSocket first = socket(server);
          Socket second = new Socket(uri.getHost(), uri.getPort())) {
        first.startHandshake();
        await().until(() -> limits.connections().open() == 2);
        try (Socket third = new Socket(uri.getHost(), uri.getPort())) {
          assertThat(closed(third)).isTrue();
        }
        assertThat(limits.connections().refused()).isEqualTo(1);
        assertThat(second.isConnected()).isTrue();
      }

      await().until(() -> limits.connections().open() == 0);
      try (SSLSocket again = socket(server)) {
        again.startHandshake();
      }
    }
  }

  private static boolean closed(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true; // a reset
    }
  }

  @Test
  void whoPipelinesIsAnsweredOnceAndCutOff() throws Exception {
    try (TestServer server = with(Limits.usual());
        SSLSocket socket = socket(server)) {
      write(socket, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000));

      int answers = answers(socket);

      assertThat(answers).isBetween(0, 1);
      assertThat(get(server, "/healthz", "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void manyRequestsOneAfterTheOtherShareAConnection() throws Exception {
    try (TestServer server = with(Limits.usual());
        SSLSocket socket = socket(server)) {
      for (int i = 0; i < 50; i++) {
        // Refused ones, too: they must not count as requests that came too early.
        write(socket, "GET /no/such/path HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(head(socket)).startsWith("HTTP/1.1 404");
      }
    }
  }

  private static int answers(SSLSocket socket) throws IOException {
    socket.setSoTimeout(10_000);
    try {
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return all.split("HTTP/1.1 200", -1).length - 1;
    } catch (SSLException | SocketException e) {
      return 0; // a reset
    }
  }

  /** Reads one answer with its body. */
  private static String head(SSLSocket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int c = socket.getInputStream().read();
      if (c < 0) {
        return head + " and then closed";
      }
      head.append((char) c);
    }
    String length = head.toString().replaceAll("(?is).*content-length: (\\d+).*", "$1");
    socket.getInputStream().readNBytes(Integer.parseInt(length));
    return head.toString();
  }

  private static SSLSocket socket(TestServer server) throws Exception {
    URI uri = server.uri();
    return (SSLSocket) server.trust().getSocketFactory().createSocket(uri.getHost(), uri.getPort());
  }

  private static void write(SSLSocket socket, String text) throws IOException {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(text.getBytes(StandardCharsets.US_ASCII));
      out.flush();
    } catch (SocketException e) {
      // Cut off while it writes, which the reading end notices.
    }
  }
}
