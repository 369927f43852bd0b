package dev.weft.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import dev.weft.server.log.Log;
import dev.weft.server.policy.Generation;
import dev.weft.server.policy.PolicyVersion;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeySetsTest {
  private static final String ONE = "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"1\"}]}";
  private static final String TWO = "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"2\"}]}";
  private static final KeySets.Rhythm QUICK =
      new KeySets.Rhythm(Duration.ofMillis(50), Duration.ofMillis(50));

  @TempDir Path folder;

  private final List<PolicyVersion> inForce = new CopyOnWriteArrayList<>();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer issuer;
  private volatile Answer answer = exchange -> send(exchange, 200, ONE);

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.setExecutor(threads);
    issuer.createContext("/keys", exchange -> answer.to(exchange));
    issuer.createContext("/elsewhere", exchange -> send(exchange, 200, TWO));
    issuer.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    issuer.stop(0);
    threads.shutdownNow();
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private String uri() {
    return "http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys";
  }

  private PolicyVersion documents(String more) {
    return version(
        PolicyStore.empty()
            .update(
                List.of(
                    new SourceFile(
                        "jwt.yaml",
                        """
                    apiVersion: security.istio.io/v1
                    kind: RequestAuthentication
                    metadata: {name: jwt}
                    spec:
                      jwtRules:
                      - issuer: https://issuer.test
                        jwksUri: %s
                    %s
                    """
                            .formatted(uri(), more)))));
  }

  private static PolicyVersion version(PolicyStore store) {
    return new PolicyVersion(store, Generation.NONE);
  }

  private KeySets open() throws IOException {
    return KeySets.open(
        StateFolder.open(folder), QUICK, inForce::add, Log.to((String line) -> log.add(line)));
  }

  private Map<String, String> last() {
    return inForce.get(inForce.size() - 1).store().keySets();
  }

  private void eventually(String keys) {
    await().atMost(Duration.ofSeconds(20)).until(() -> keys.equals(last().get(uri())));
  }

  private void eventuallyLogged(String text) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> log.stream().anyMatch(line -> line.contains(text)));
  }

  @Test
  void documentsAreInForceAtOnceAndWithKeysAsSoonAsTheyAreFetched() throws Exception {
    try (KeySets keys = open()) {
      keys.policy(documents(""));

      assertThat(inForce.get(0).store().keySets()).isEmpty();
      eventually(ONE);
    }
  }

  @Test
  void newKeysOfTheIssuerReachTheMesh() throws Exception {
    try (KeySets keys = open()) {
      keys.policy(documents(""));
      eventually(ONE);

      answer = exchange -> send(exchange, 200, TWO);

      eventually(TWO);
    }
  }

  @Test
  void theLastGoodKeysStayWhateverTheIssuerAnswers() throws Exception {
    try (KeySets keys = open()) {
      keys.policy(documents(""));
      eventually(ONE);

      answer = exchange -> send(exchange, 500, "");
      eventuallyLogged("status 500");
      answer = exchange -> send(exchange, 200, "<html>");
      eventuallyLogged("is no key set");
      answer = exchange -> send(exchange, 200, "{\"keys\":[]}");
      eventuallyLogged("has no keys");
      answer = exchange -> send(exchange, 200, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}");
      eventuallyLogged("private or a shared key");
      answer = exchange -> send(exchange, 200, "{\"keys\":[{\"kty\":\"EC\",\"\\u0064\":\"AA\"}]}");
      answer = exchange -> send(exchange, 200, "{\"keys\":[\"" + "x".repeat(300_000) + "\"]}");
      eventuallyLogged("is larger than");
      answer =
          exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            send(exchange, 302, "");
          };
      eventuallyLogged("status 302");

      assertThat(last()).containsEntry(uri(), ONE);
    }
  }

  @Test
  void aSlowIssuerIsGivenUp() throws Exception {
    answer =
        exchange -> {
          try {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            if (end.await(30, TimeUnit.SECONDS)) {
              exchange.close();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (KeySets keys = open()) {
      keys.policy(documents("    timeout: 200ms"));

      eventuallyLogged("took longer than");
      answer = exchange -> send(exchange, 200, ONE);
      eventually(ONE);
    }
  }

  @Test
  void aRestartWithoutTheIssuerBeginsWithTheLastGoodKeys() throws Exception {
    try (KeySets keys = open()) {
      keys.policy(documents(""));
      eventually(ONE);
    }
    answer = exchange -> send(exchange, 503, "");
    inForce.clear();
    try (KeySets keys = open()) {
      keys.policy(documents(""));

      assertThat(inForce.get(0).store().keySets()).containsEntry(uri(), ONE);
    }
  }

  @Test
  void keysThatNoDocumentNamesAreForgotten() throws Exception {
    try (KeySets keys = open()) {
      keys.policy(documents(""));
      eventually(ONE);
      keys.policy(version(PolicyStore.empty()));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  StateFolder.open(folder)
                      .readText("keys/key-sets.json")
                      .filter(text -> text.equals("{}"))
                      .isPresent());
    }
  }
}
