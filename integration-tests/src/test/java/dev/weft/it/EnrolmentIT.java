package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.LocalMesh;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/**
 * Whoever may not join is told so once, the server says so once where it heard of it, and nobody
 * storms it.
 */
@OnEachJdk
class EnrolmentIT {
  @Parameter private Jdk jdk;

  /** How long attempts are counted: the first pause after a refusal is six times as long. */
  private static final Duration WATCHED = Duration.ofSeconds(5);

  private static TestMesh mesh;

  @BeforeParameterizedClassInvocation
  static void start(Jdk jdk) throws IOException, InterruptedException {
    mesh = TestMesh.start("enrolment", jdk, Documents.strict("echo"));
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    mesh.close();
  }

  @Test
  void aGoodTokenJoins() throws Exception {
    mesh.serve(TestMesh.server("echo", "app.Echo"));
    Client caller = mesh.call(TestMesh.probe("caller", "sync"));

    TestMesh.eventually(() -> assertThat(caller.get("http://echo/").status()).isEqualTo(200));
  }

  @Test
  void aWrongTokenIsRefusedOnBothEnds() throws Exception {
    String token = token("forger", 1);
    String[] parts = token.split("\\.");
    String forged = String.join(".", parts[0], parts[1], "0".repeat(32), parts[3]);

    refusedWith(forged, "forger", "token");
  }

  @Test
  void aTokenIsUsedUp() throws Exception {
    String token = token("once", 1);
    Child first = mesh.local().run(TestMesh.server("once", "app.Echo"), token, Map.of());
    LocalMesh.address(first);
    TestMesh.eventually(() -> assertThat(workloads()).contains("once"));

    refusedWith(token, "once-more", "used");
  }

  @Test
  void aServerThatDoesNotMatchThePinIsNotTrusted() throws Exception {
    String token = token("careful", 1);
    String[] parts = token.split("\\.");
    String otherPin = (parts[3].startsWith("A") ? "B" : "A") + parts[3].substring(1);
    URI server = URI.create(mesh.local().serverUrl());

    try (Relay relay = Relay.open(new InetSocketAddress(server.getHost(), server.getPort()));
        Child child =
            join(
                String.join(".", parts[0], parts[1], parts[2], otherPin),
                "careful",
                Map.of("WEFT_SERVER", "https://localhost:" + relay.port()))) {
      TestMesh.eventually(() -> assertThat(complaints(child, "pin")).hasSize(1));
      onlyOne("connections to the server", relay::connections);
      assertThat(complaints(child, "pin")).as("lines at the agent").hasSize(1);
      assertThat(child.alive()).as("the application runs on").isTrue();
    }
  }

  private void refusedWith(String token, String name, String why) throws Exception {
    int linesBefore = refusals().size();
    int countBefore = refused();

    try (Child child = join(token, name, Map.of())) {
      TestMesh.eventually(() -> assertThat(complaints(child, why)).hasSize(1));
      onlyOne("refusals by the server", () -> refused() - countBefore);
      assertThat(refusals().size() - linesBefore).as("lines at the server").isEqualTo(1);
      assertThat(complaints(child, why)).as("lines at the agent").hasSize(1);
      assertThat(child.alive()).as("the application runs on").isTrue();
    }
  }

  private Child join(String token, String name, Map<String, String> settings) throws Exception {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("WEFT_STARTUP_WAIT", "500ms");
    Child child =
        mesh.local().run(TestMesh.server("echo", "app.Echo").named(name), token, environment);
    LocalMesh.address(child);
    return mesh.expectComplaints(child);
  }

  /** Counts for a while, where attempts arrive: an agent that storms need not say so. */
  private static void onlyOne(String what, Callable<Integer> count) {
    Awaitility.await(what)
        .during(WATCHED)
        .atMost(WATCHED.plusSeconds(5))
        .until(count, number -> number == 1);
  }

  private static List<String> complaints(Child child, String why) {
    return child
        .stderr()
        .lines()
        .filter(line -> line.contains("weft WARN") || line.contains("weft ERROR"))
        .filter(line -> line.contains(why))
        .toList();
  }

  /** By the server's own count, which no throttle of its log can hide. */
  private int refused() throws IOException, InterruptedException {
    return mesh.local().api().get("/v1/certificates").path("refused").asInt();
  }

  private List<String> refusals() {
    return mesh.local()
        .server()
        .stderr()
        .lines()
        .filter(line -> line.contains("enrol") && line.contains("refused"))
        .toList();
  }

  private String workloads() throws IOException, InterruptedException {
    return mesh.local().api().get("/v1/workloads").toString();
  }

  private String token(String service, int uses) throws IOException, InterruptedException {
    return mesh.local().token(service, service, uses);
  }
}
