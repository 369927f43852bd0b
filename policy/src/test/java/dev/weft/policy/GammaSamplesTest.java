package dev.weft.policy;

import static dev.weft.policy.TestMesh.Request.get;
import static dev.weft.policy.TestMesh.dice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The mesh profile of Gateway API's conformance tests, asked of the router. */
class GammaSamplesTest {
  private static final Path FOLDER = Path.of("src/test/resources/samples/gamma");

  static Stream<String> samples() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml") && !name.equals("services.yaml"))
          .map(name -> name.substring(0, name.length() - ".yaml".length()))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everySampleCompilesAndOnlyWhatAgentsLackIsSaid(String sample) throws IOException {
    Set<String> codes = new HashSet<>();
    for (Diagnostic found : mesh(sample).diagnostics()) {
      assertThat(found.severity()).as(found.toString()).isEqualTo(Severity.WARNING);
      codes.add(found.code());
    }

    if (sample.equals("invalid-backend")) {
      assertThat(codes).containsExactly("WEFT031");
    } else {
      assertThat(codes).isSubsetOf("WEFT023");
    }
  }

  @ParameterizedTest(name = "{0}: {1} {2} {3} -> {4}")
  @CsvSource(
      delimiter = '|',
      value = {
        "split-by-path | echo | /v1 | '' | echo-v1:80",
        "split-by-path | echo | /v2 | '' | echo-v2:80",
        "split-by-path | echo | /v3 | '' | 404",
        "split-by-path | echo-v1 | /v2 | '' | echo-v1:80",
        // echo's other ports are bound, too: no port is named
        "split-by-path | echo:8080 | /v2 | '' | echo-v2:80",
        "header-and-path-matching | echo | / | '' | echo-v1:80",
        "header-and-path-matching | echo | /example | '' | echo-v1:80",
        "header-and-path-matching | echo | / | version=one | echo-v1:80",
        "header-and-path-matching | echo | /v2 | '' | echo-v2:80",
        "header-and-path-matching | echo | /v2/example | '' | echo-v2:80",
        "header-and-path-matching | echo | / | version=two | echo-v2:80",
        "header-and-path-matching | echo | /v2/ | '' | echo-v2:80",
        "header-and-path-matching | echo | /v2example | '' | echo-v1:80",
        "header-and-path-matching | echo | /foo/v2/example | '' | echo-v1:80",
        "query-param-matching | echo | /?animal=whale | '' | echo-v1:80",
        "query-param-matching | echo | /?animal=dolphin | '' | echo-v2:80",
        "query-param-matching | echo | /?animal=dolphin&color=blue | '' | echo-v1:80",
        "query-param-matching | echo | /?color=blue&animal=dolphin | '' | echo-v1:80",
        "query-param-matching | echo | /?animal=dolphin&color=yellow | '' | echo-v2:80",
        "query-param-matching | echo | /?ANIMAL=Whale | '' | echo-v1:80",
        "query-param-matching | echo | /?animal=Whale | '' | 404",
        "query-param-matching | echo | /?animal=sardine | '' | 404",
        "query-param-matching | echo | /?color=blue | '' | 404",
        "query-param-matching | echo | / | '' | 404",
        "method-matching | echo | / | '' | echo-v2:80",
        "method-matching | echo | / | method=POST | echo-v1:80",
        "method-matching | echo | /deep/er | '' | echo-v1:80",
        "method-matching | echo | /deep | method=HEAD | 404",
        "ports | echo-v1 | / | '' | echo-v1:80 <SET x-route v1",
        "ports | echo-v1:8080 | / | '' | echo-v1:8080",
        "ports | echo-v2 | / | '' | echo-v2:80 <SET x-route v2",
        "ports | echo-v2:8080 | / | '' | echo-v2:80 <SET x-route v2",
        "frontend | echo-v2 | / | '' | echo-v2:80 <SET x-route front",
        "frontend | 10.0.0.2:8080 | / | '' | passes",
        "consumer-route | echo-v1 | / | '' | echo-v1:80",
        "request-header-modifier | echo | /set | '' | echo-v1:80 >SET X-Set new",
        "request-header-modifier | echo | /add | '' | echo-v1:80 >ADD X-Add more",
        "request-header-modifier | echo | /remove | '' | echo-v1:80 >REMOVE X-Remove",
        "request-header-modifier | echo | /all | '' | echo-v1:80 >SET X-Set-1 a >SET X-Set-2 b >ADD X-Add-1 c >ADD X-Add-2 d >REMOVE X-Remove-1 >REMOVE X-Remove-2",
        "redirect-host-and-status | echo | /host | '' | 302 http://example.org/host",
        "redirect-host-and-status | echo | /status/x | '' | 301 http://example.org/status/x",
        "redirect-scheme | echo | /scheme | '' | 302 https://echo/scheme",
        "redirect-scheme | echo | /scheme-and-host | '' | 302 https://example.org/scheme-and-host",
        "redirect-scheme | echo | /scheme-and-status | '' | 301 https://echo/scheme-and-status",
        "redirect-scheme | echo | /scheme-host-status | '' | 301 https://example.org/scheme-host-status",
        "redirect-port | echo | /port | '' | 302 http://echo:8083/port",
        "redirect-port | echo | /port-and-host | '' | 302 http://example.org:8083/port-and-host",
        "redirect-port | echo | /port-and-status | '' | 301 http://echo:8083/port-and-status",
        "redirect-codes | echo | /see-other | '' | 303 http://example.org/see-other",
        "redirect-codes | echo | /temporary | '' | 307 http://example.org/temporary",
        "redirect-codes | echo | /permanent | '' | 308 http://example.org/permanent",
        "redirect-path | echo | /prefix/lemon | '' | 302 http://echo/new/lemon",
        "redirect-path | echo | /full/path?q=1 | '' | 302 http://echo/whole?q=1",
        "redirect-path | echo | /prefix-host | '' | 302 http://example.org/new",
        "redirect-path | echo | /prefix-status | '' | 301 http://echo/new",
        "redirect-path | echo | /full-host/x | '' | 302 http://example.org/whole",
        "rewrite-path | echo | /prefix/one/two | '' | echo-v1:80 as echo/one/two",
        "rewrite-path | echo | /strip/three | '' | echo-v1:80 as echo/three",
        "rewrite-path | echo | /strip | '' | echo-v1:80 as echo/",
        "rewrite-path | echo | /full/one/two | '' | echo-v1:80 as echo/one",
        "rewrite-path | echo | /full/with-headers/x | '' | echo-v1:80 >SET X-Set new >REMOVE X-Remove as echo/test",
        "rewrite-host | echo | /a | '' | echo-v1:80 as rewritten.example.org/a",
        "named-rule | echo | /named | '' | echo-v1:80",
        "named-rule | echo | /unnamed | '' | echo-v2:80",
        "timeouts | echo | /request | '' | echo-v1:80 within PT0.5S",
        "timeouts | echo | /backend | '' | echo-v1:80 each PT0.5S",
        "timeouts | echo | /off | '' | echo-v1:80",
        "mirror | echo | / | '' | echo-v1:80 copied echo-v2 1/1",
        "mirror-percentage | echo | / | '' | echo-v1:80 copied echo-v2 20/100",
        "invalid-backend | echo | /gone | '' | 500",
        "invalid-backend | echo | /kind | '' | 500",
        "retry | echo | / | '' | echo-v1:80",
        "cors | echo | / | '' | echo-v1:80",
        "grpc-header-modifier | echo:7070 | /echo.Echo/Say | method=POST | echo-v1:7070 >SET x-set new",
        "grpc-methods | echo:7070 | /echo.Echo/Say | '' | echo-v1:7070",
        "grpc-methods | echo:7070 | /echo.Echo/Shout | version=two | echo-v2:7070",
        "grpc-methods | echo:7070 | /echo.Echo/Shout | version=one | 404",
        "grpc-methods | echo | /echo.Echo/Say | '' | echo:80",
        "two-routes-of-one-service | echo | /a/b/c | '' | echo-v2:80",
        "two-routes-of-one-service | echo | /a/c | '' | echo-v1:80",
        "two-routes-of-one-service | echo | /c | '' | 404",
      })
  void aCallOfTheMeshGoesWhereTheConformanceTestWantsIt(
      String sample, String host, String path, String extra, String outcome) throws IOException {
    TestMesh.Request request = get(host, path);
    if (extra.startsWith("method=")) {
      request = request.method(extra.substring("method=".length()));
    } else if (!extra.isEmpty()) {
      int equals = extra.indexOf('=');
      request = request.with(extra.substring(0, equals), extra.substring(equals + 1));
    }

    assertThat(describe(mesh(sample).routerIn("gamma").decide(request, dice()), request))
        .isEqualTo(outcome);
  }

  @Test
  void aConsumersRouteIsForItsNamespaceOnly() throws IOException {
    TestMesh.Request request = get("echo-v1.gamma", "/");

    assertThat(
            describe(
                mesh("consumer-route").routerIn("gamma-consumer").decide(request, dice()), request))
        .isEqualTo("echo-v1:80 <SET x-route consumer");
    assertThat(describe(mesh("consumer-route").routerIn("gamma").decide(request, dice()), request))
        .isEqualTo("echo-v1:80");
  }

  @ParameterizedTest
  @CsvSource({"weight, 80", "grpc-weight, 7070"})
  void requestsAreDistributedByWeight(String sample, int port) throws IOException {
    Router router = mesh(sample).routerIn("gamma");
    SplittableRandom dice = new SplittableRandom(1);
    int first = 0;
    for (int i = 0; i < 10_000; i++) {
      Decision decision = router.decide(get("echo:" + port, "/echo.Echo/Say"), dice);
      first += ((Decision.Forward) decision).service().name().equals("echo-v1") ? 1 : 0;
    }

    assertThat(first).isCloseTo(7_000, within(230)); // five standard deviations
  }

  @Test
  void halfOfTheRequestsGet500WhereHalfOfTheBackendsAreDead() throws IOException {
    Router router = mesh("invalid-backend").routerIn("gamma");
    SplittableRandom dice = new SplittableRandom(1);
    int dead = 0;
    for (int i = 0; i < 10_000; i++) {
      dead += router.decide(get("echo", "/half"), dice) instanceof Decision.Reject ? 1 : 0;
    }

    assertThat(dead).isCloseTo(5_000, within(250));
  }

  @Test
  void headersDependOnTheBackendThatTheDiceChose() throws IOException {
    Router router = mesh("request-header-modifier-backend").routerIn("gamma");
    SplittableRandom dice = new SplittableRandom(1);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      seen.add(describe(router.decide(get("echo", "/"), dice), get("echo", "/")));
    }

    assertThat(seen)
        .containsExactlyInAnyOrder("echo-v1:80 >SET x-to v1", "echo-v2:80 >SET x-to v2");
  }

  @ParameterizedTest(name = "{0}:{1} as {2}: {3}")
  @CsvSource({
    "tls-passthrough, 443,  echo,                          echo-v2:443",
    "tls-passthrough, 443,  echo.gamma.svc.cluster.local,  echo-v2:443",
    "tls-passthrough, 443,  elsewhere.example.org,         404",
    "tls-passthrough, 9090, elsewhere.example.org,         echo:9090",
    "tcp,             9090, echo,                          echo-v2:9090",
    "tcp,             443,  echo,                          echo:443",
  })
  void connectionsGoWhereTheirRoutesLead(String sample, int port, String name, String outcome)
      throws IOException {
    assertThat(
            describe(
                mesh(sample).routerIn("gamma").connect("echo.gamma", port, name, dice()),
                get("echo", "/")))
        .isEqualTo(outcome);
  }

  private static String describe(Decision decision, Call call) {
    if (decision instanceof Decision.Reject reject) {
      return Integer.toString(reject.status());
    } else if (decision instanceof Decision.Redirect redirect) {
      return redirect.status() + " " + redirect.location();
    } else if (!(decision instanceof Decision.Forward forward)) {
      return "passes";
    } else {
      StringBuilder text = new StringBuilder(forward.service().name());
      text.append(':').append(forward.endpoints().get(0).servicePort());
      edits(text, " >", forward.requestHeaders());
      edits(text, " <", forward.responseHeaders());
      forward
          .delivery()
          .actions()
          .rewrite()
          .ifPresent(
              rewrite ->
                  text.append(" as ")
                      .append(rewrite.host().orElse(call.host()))
                      .append(
                          rewrite
                              .path()
                              .map(path -> RequestTarget.changed(call.pathAndQuery(), path, ""))
                              .orElse(call.pathAndQuery())));
      forward
          .requestTimeout()
          .map(Duration::toString)
          .ifPresent(t -> text.append(" within ").append(t));
      forward
          .backendTimeout()
          .map(Duration::toString)
          .ifPresent(t -> text.append(" each ").append(t));
      for (Decision.Copy copy : forward.delivery().mirrors()) {
        text.append(" copied ").append(copy.service().name()).append(' ');
        text.append(copy.numerator()).append('/').append(copy.denominator());
      }
      return text.toString();
    }
  }

  private static void edits(StringBuilder text, String direction, List<HeaderEdit> edits) {
    for (HeaderEdit edit : edits) {
      String value = edit.value().isEmpty() ? "" : " " + edit.value();
      text.append(direction).append(edit.kind()).append(' ').append(edit.name()).append(value);
    }
  }

  private static TestMesh mesh(String sample) throws IOException {
    return new TestMesh()
        .documents(Files.readString(FOLDER.resolve("services.yaml")))
        .documents(Files.readString(FOLDER.resolve(sample + ".yaml")))
        .workload("gamma/echo", Map.of("version", "v1"), true, 8080, 8443, 9090, 7070)
        .workload("gamma/echo", Map.of("version", "v2"), true, 8080, 8443, 9090, 7070);
  }
}
