package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.it.SpringMesh.Got;
import dev.weft.server.demo.Child;
import dev.weft.server.demo.LocalMesh;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Spring Boot 3 and 4 applications, started as executable jars, serve and call in a mesh without
 * plaintext: with RestTemplate, RestClient, WebClient, Feign and Retrofit over each of the
 * libraries that send for them. The applications are those of {@link SpringMesh}.
 */
@OnEachJdk
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SpringIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SIGTERM = 143;
  private static final String IDENTITY = "spiffe://cluster.local/ns/default/sa/";
  private static final String LAUNCHED =
      "org.springframework.boot.loader.launch.LaunchedClassLoader";

  private static final int CALLS = 1;
  private static final int CALLS_AT_ONCE = 2;
  private static final int WHAT_THEY_LEFT = 3;
  private static final int THE_END = 4;

  private static final List<Caller> CALLERS =
      SpringMesh.APPLICATIONS.stream()
          .flatMap(web -> clients(web).stream().map(client -> new Caller(web, client)))
          .toList();

  private static SpringMesh spring;

  @Parameter private Jdk jdk;

  /** An application and a client that it has. */
  private record Caller(String application, SpringClient client) {
    CompletableFuture<Got> send(String uri, String... headers) {
      return spring.send(application, client.name(), uri, headers);
    }

    Got get(String uri, String... headers) throws Exception {
      return waited(send(uri, headers));
    }

    Got post(String uri, String body) throws Exception {
      return waited(spring.post(application, client.name(), uri, body));
    }

    /** A URI of the other application. */
    String other(String path) {
      return SpringIT.other(application, path);
    }

    /** Unique in a mesh. */
    String key() {
      return application + "-" + client.name();
    }

    @Override
    public String toString() {
      return application + " " + client.name();
    }
  }

  private static List<SpringClient> clients(String application) {
    List<SpringClient> more =
        application.equals("three") ? SpringClient.ONLY_IN_BOOT_3 : List.<SpringClient>of();
    return Stream.concat(SpringClient.COMMON.stream(), more.stream()).toList();
  }

  private static Got waited(CompletableFuture<Got> got) throws Exception {
    return got.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  @BeforeParameterizedClassInvocation
  static void start(Jdk jdk) throws IOException, InterruptedException {
    spring = SpringMesh.start(jdk, SpringPolicy.documents());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    spring.close();
  }

  @ParameterizedTest
  @CsvSource({"three, 3.", "four, 4."})
  @Order(CALLS)
  void theApplicationsAreExecutableJarsOfTheirSpringBoot(String application, String version)
      throws Exception {
    JsonNode hello = spring.get("http://" + application + "/hello");

    assertThat(hello.path("boot").asString()).startsWith(version);
    assertThat(hello.path("loader").asString()).isEqualTo(LAUNCHED);
    assertThat(spring.get("http://" + application + "/clients").valueStream())
        .extracting(JsonNode::asString)
        .containsExactlyInAnyOrderElementsOf(
            clients(application).stream().map(SpringClient::name).toList());
  }

  @ParameterizedTest
  @FieldSource("CALLERS")
  @Order(CALLS)
  void aHeaderOfTheApplicationPinsTheVersion(Caller caller) throws Exception {
    Got usual = caller.get("http://hello/hello");
    Got pinned = caller.get("http://hello/hello", "x-tester:v4");

    assertThat(usual.hello().path("name").asString()).isEqualTo("three");
    assertThat(pinned.hello().path("name").asString()).isEqualTo("four");
  }

  @ParameterizedTest
  @FieldSource("CALLERS")
  @Order(CALLS)
  void twoFailuresThatPolicyRetriesAreNotSeenByTheApplication(Caller caller) throws Exception {
    Got got = caller.get(caller.other("/flaky/" + caller.key()));

    assertThat(got).isEqualTo(new Got(200, "", "answered after 3", List.of()));
    assertThat(tries(caller.application(), caller.key())).isEqualTo(3);
  }

  @ParameterizedTest
  @FieldSource("CALLERS")
  @Order(CALLS)
  void aBodyIsSentAgainWhereTheLibraryHasItTwice(Caller caller) throws Exception {
    String key = "post-" + caller.key();

    Got got = caller.post(caller.other("/flaky/" + key), " with grüße");

    if (caller.client().body() == SpringClient.Body.AGAIN) {
      assertThat(got).isEqualTo(new Got(200, "", "answered after 3 with grüße", List.of()));
    } else {
      assertThat(got.status()).isEqualTo(503);
      assertThat(got.failures())
          .isEqualTo(caller.client().throwing().serviceUnavailable())
          .isNotEmpty();
      assertThat(tries(caller.application(), key)).isEqualTo(1);
      assertThat(caller.post(caller.other("/echo"), "with grüße").body()).isEqualTo("with grüße");
    }
  }

  @ParameterizedTest
  @FieldSource("CALLERS")
  @Order(CALLS)
  void whoMayNotIsToldTheRuleAndWhoMayPasses(Caller caller) throws Exception {
    Got open = caller.get(caller.other("/vault"));
    Got closed = caller.get("http://" + caller.application() + "/vault");

    assertThat(open.status()).isEqualTo(200);
    assertThat(closed.status()).isEqualTo(403);
    assertThat(closed.reason())
        .isEqualTo("UAEX; AuthorizationPolicy default/" + caller.application());
    assertThat(closed.failures()).isEqualTo(caller.client().throwing().forbidden());
  }

  @ParameterizedTest
  @FieldSource("CALLERS")
  @Order(CALLS)
  void anAnswerOfTheMeshIsAnAnswerAndSaysItsReason(Caller caller) throws Exception {
    Got got = caller.get("http://nobody/");

    assertThat(got.status()).isEqualTo(503);
    assertThat(got.reason()).startsWith("UH;");
    assertThat(got.failures()).isEqualTo(caller.client().throwing().serviceUnavailable());
  }

  @ParameterizedTest
  @ValueSource(strings = {"three", "four"})
  @Order(CALLS_AT_ONCE)
  void aTimeoutOfTheMeshIsATimeoutOfTheLibrary(String application) throws Exception {
    Map<SpringClient, CompletableFuture<Got>> calls = new LinkedHashMap<>();
    for (SpringClient client : clients(application)) {
      calls.put(
          client, spring.send(application, client.name(), other(application, "/held/timeout")));
    }

    SoftAssertions softly = new SoftAssertions();
    for (Map.Entry<SpringClient, CompletableFuture<Got>> call : calls.entrySet()) {
      List<String> failures = waited(call.getValue()).failures();
      softly
          .assertThat(failures)
          .as("%s", call.getKey())
          .startsWith(call.getKey().timeout().toArray(String[]::new));
    }
    // Whoever serves does not notice that nobody waits any more, and would not end.
    assertThat(spring.get(other(application, "/release/timeout")).asBoolean()).isTrue();
    softly.assertAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"three", "four"})
  @Order(CALLS_AT_ONCE)
  void oneTraceSpansBothApplicationsWithWhateverClient(String application) throws Exception {
    Map<SpringClient, CompletableFuture<Got>> calls = new LinkedHashMap<>();
    for (SpringClient client : clients(application)) {
      calls.put(client, spring.send(application, client.name(), other(application, "/hello")));
    }

    for (Map.Entry<SpringClient, CompletableFuture<Got>> call : calls.entrySet()) {
      String[] context =
          waited(call.getValue()).hello().path("headers").path("traceparent").asString().split("-");
      TestMesh.eventually(
          () ->
              assertThat(SpringTrace.of(spring, context[1]).upwards(context[2]))
                  .as("%s", call.getKey().name())
                  .containsExactly(
                      other(application) + " SERVER",
                      application + " CLIENT",
                      application + " SERVER",
                      "caller CLIENT"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"three", "four"})
  @Order(WHAT_THEY_LEFT)
  void bothEndsSawEachOthersIdentityAndNoPlaintext(String application) {
    TestMesh.eventually(
        () -> {
          assertThat(spring.connections(application, "outbound"))
              .anyMatch(row -> row.path("peer").asString().equals(IDENTITY + other(application)))
              .allMatch(row -> row.path("mtls").asBoolean());
          assertThat(spring.connections(other(application), "inbound"))
              .anyMatch(row -> row.path("peer").asString().equals(IDENTITY + application))
              .allMatch(row -> row.path("mtls").asBoolean());
          assertThat(spring.requestsBetween(application, other(application)))
              .isNotEmpty()
              .allMatch(
                  labels ->
                      labels.path("connection_security_policy").asString().equals("mutual_tls"));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"three", "four"})
  @Order(WHAT_THEY_LEFT)
  void plaintextIsRefused(String application) throws Exception {
    try (Socket socket = new Socket()) {
      socket.connect(LocalMesh.address(spring.application(application)));
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket
          .getOutputStream()
          .write("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"three", "four"})
  @Order(WHAT_THEY_LEFT)
  void everyHookFitsWhatTheJarHolds(String service) throws Exception {
    assertThat(spring.status(service))
        .isNotEmpty()
        .allMatch(status -> status.has("hooksOff") && status.path("hooksOff").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"three", "four"})
  @Order(WHAT_THEY_LEFT)
  void theHealthEndpointAnswersTheMeshAndTheAgent(String application) throws Exception {
    assertThat(spring.get("http://" + application + "/actuator/health").path("status").asString())
        .isEqualTo("UP");
    assertThat(spring.application(application).stderr()).contains("health ok");
  }

  /** Its last call goes to a server outside the mesh, which answers when the end has begun. */
  @ParameterizedTest
  @ValueSource(strings = {"three", "four"})
  @Order(THE_END)
  void sigtermEndsTheApplicationAndWhatIsUnderWayFirst(String application) throws Exception {
    Child child = spring.application(application);
    CompletableFuture<Got> underWay;
    int code;
    try (ServerSocket outside = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      outside.setSoTimeout((int) PATIENCE.toMillis());
      underWay =
          spring.send(application, "restclient", "http://127.0.0.1:" + outside.getLocalPort());
      try (Socket socket = outside.accept()) {
        terminate(child);
        socket
            .getOutputStream()
            .write(
                "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nat last"
                    .getBytes(StandardCharsets.US_ASCII));
      }
      code = child.awaitExit(PATIENCE);
    }

    assertThat(waited(underWay)).isEqualTo(new Got(200, "", "at last", List.of()));
    assertThat(code).isEqualTo(SIGTERM);
    assertThat(child.stdout()).anyMatch(line -> line.contains("Graceful shutdown complete"));
  }

  /** Asked once: it is the JVM's code, and a start takes its time. */
  @ParameterizedTest
  @ValueSource(strings = {"three", "four"})
  @Order(THE_END)
  void theExitCodeIsTheSameWithoutTheMesh(String application) throws Exception {
    assumeTrue(jdk.feature() == Jdk.current().feature(), "the JDK of the build will do");
    ProcessBuilder program = spring.withoutMesh(application);
    try (Child alone = Child.start("alone-" + application, program, spring.logs())) {
      LocalMesh.address(alone);
      terminate(alone);

      assertThat(alone.awaitExit(PATIENCE)).isEqualTo(SIGTERM);
    }
  }

  private static void terminate(Child child) {
    ProcessHandle.of(child.pid()).orElseThrow().destroy();
  }

  /** How many requests with a key came to the other one. */
  private static int tries(String application, String key)
      throws IOException, InterruptedException {
    return spring.get(other(application, "/tries/" + key)).asInt();
  }

  private static String other(String application, String path) {
    return "http://" + other(application) + path;
  }

  private static String other(String application) {
    return application.equals("three") ? "four" : "three";
  }
}
