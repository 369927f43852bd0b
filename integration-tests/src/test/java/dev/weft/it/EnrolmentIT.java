package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.LocalMesh;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** Whoever may not join is told so once on both ends, and does not storm the server. */
@OnEachJdk
class EnrolmentIT {
  @Parameter private Jdk jdk;

  /** How long attempts are counted, and how many exponential backoff allows in that time. */
  private static final Duration WATCHED = Duration.ofSeconds(5);

  private static final int ATTEMPTS = 6;

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

    Child child = join(String.join(".", parts[0], parts[1], parts[2], otherPin), "careful");

    TestMesh.eventually(() -> assertThat(complaints(child)).anyMatch(line -> line.contains("pin")));
    noStorm(child);
  }

  private void refusedWith(String token, String name, String why) throws Exception {
    int before = refusals().size();

    Child child = join(token, name);

    TestMesh.eventually(() -> assertThat(complaints(child)).anyMatch(line -> line.contains(why)));
    TestMesh.eventually(() -> assertThat(refusals().size()).isGreaterThan(before));
    noStorm(child);
    assertThat(refusals().size() - before).as("refusals at the server").isLessThan(ATTEMPTS);
    assertThat(child.alive()).as("the application runs on").isTrue();
  }

  private Child join(String token, String name) throws Exception {
    Child child =
        mesh.local()
            .run(
                TestMesh.server("echo", "app.Echo").named(name),
                token,
                Map.of("WEFT_STARTUP_WAIT", "500ms"));
    LocalMesh.address(child);
    return mesh.expectComplaints(child);
  }

  /** Attempts are counted for a while; each leaves at most one line. */
  private static void noStorm(Child child) {
    Awaitility.await()
        .during(WATCHED)
        .atMost(WATCHED.plusSeconds(5))
        .until(() -> complaints(child).size() < ATTEMPTS);
  }

  private static List<String> complaints(Child child) {
    return child
        .stderr()
        .lines()
        .filter(line -> line.contains("weft WARN") || line.contains("weft ERROR"))
        .toList();
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
