package dev.weft.agent.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.agent.config.Settings;
import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.SettingsReader;
import dev.weft.agent.control.ControlPlane.Clockwork;
import dev.weft.agent.identity.Identity;
import dev.weft.agent.identity.Pauses;
import dev.weft.agent.identity.Pem;
import dev.weft.agent.identity.TestAuthority;
import dev.weft.agent.log.Log;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.SpiffeId;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlPlaneTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Log log =
      new Log(LogLevel.INFO, new PrintStream(out, true, StandardCharsets.UTF_8));
  private final ThreadGroup group = new ThreadGroup("weft");
  private final List<AutoCloseable> open = new ArrayList<>();
  @TempDir Path folder;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private FakeControlServer server() throws Exception {
    FakeControlServer server = new FakeControlServer();
    open.add(server);
    return server;
  }

  private ControlPlane start(String arguments, Pauses pauses) {
    Settings settings =
        SettingsReader.read(arguments, Map.of(), Map.of(), warning -> log.warn(warning));
    ControlPlane plane =
        ControlPlane.start(
            settings, log, group, new Clockwork(InstantSource.system(), pauses, new Random(1)));
    open.add(plane);
    return plane;
  }

  private List<String> lines(String part) {
    return out.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains(part))
        .toList();
  }

  private static String version(ControlPlane plane) {
    MeshView view = plane.snapshots().current();
    return view == null ? "" : view.snapshot().version();
  }

  private static void eventually(org.awaitility.core.ThrowingRunnable check) {
    await().atMost(SOON).pollInterval(Duration.ofMillis(10)).untilAsserted(check);
  }

  @Test
  void enrolsWatchesAppliesAndAcknowledges() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane =
        start(server.arguments() + ",labels=version=v2,ports=http:8080", Pauses.REAL);
    plane.status(() -> Map.of("hooksOff", List.of("tomcat")));

    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(version(plane)).isEqualTo("v1");
    assertThat(plane.identities().current().id())
        .isEqualTo(SpiffeId.parse(FakeControlServer.WORKLOAD));
    eventually(
        () ->
            assertThat(server.reports)
                .anySatisfy(report -> assertThat(report).containsEntry("acked", "v1")));
    assertThat(server.enrolments.get(0).get("workload"))
        .isEqualTo(
            Map.of(
                "service", "pay",
                "namespace", "default",
                "serviceAccount", "pay",
                "labels", Map.of("version", "v2")));
    assertThat(server.watches.get(0)).containsEntry("protocol", 2L).containsEntry("version", "");
    assertThat(server.reports.get(0).get("status").toString())
        .contains("hooksOff=[tomcat]", "certificateNotAfter");
    assertThat(server.watchers.get(0)).isEqualTo(plane.identities().current().leaf());
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("identity enrolled spiffe://a.test/ns/default/sa/pay until")
        .contains("config server connected")
        .contains("policy applied version=v1")
        .doesNotContain(FakeControlServer.token(server.authority));
  }

  @Test
  void aServerOfBeforeIsSpokenToInItsVersion() throws Exception {
    FakeControlServer server = server();
    server.speaksVersion1Only = true;
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments(), Pauses.REAL);

    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(version(plane)).isEqualTo("v1");
    assertThat(server.refusedWatches.get(0)).containsEntry("protocol", 2L).containsKey("held");
    assertThat(server.watches.get(0))
        .containsEntry("protocol", 1L)
        .doesNotContainKeys("held", "want", "policy");
  }

  @Test
  void aServerThatIsBusyIsAskedAgainWhenItSays() throws Exception {
    FakeControlServer server = server();
    server.busy = 7;
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    List<Duration> waits = new java.util.concurrent.CopyOnWriteArrayList<>();
    ControlPlane plane =
        start(
            server.arguments(),
            pause -> {
              waits.add(pause);
              if (waits.size() == 3) {
                server.busy = 0;
              }
            });

    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(waits.subList(0, 3))
        .allMatch(wait -> wait.toMillis() >= 7000 && wait.toMillis() <= 14_000);
    assertThat(waits.get(0)).isNotEqualTo(waits.get(1));
  }

  @Test
  void aChangeThatDoesNotFitIsAskedForAnewAndWhatIsInForceStays() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments(), Pauses.REAL);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();

    server.sendLine(
        "{\"type\":\"delta\",\"base\":\"0123456789abcdef\",\"version\":\"x\",\"parts\":{}}");

    eventually(
        () ->
            assertThat(server.reports)
                .anySatisfy(
                    report ->
                        assertThat(report)
                            .containsEntry("resync", true)
                            .containsEntry("acked", "v1")));
    assertThat(version(plane)).isEqualTo("v1");
    assertThat(lines("policy out of step")).hasSize(1);
  }

  @Test
  void aLineOfGarbageCostsTheStreamAndNothingElse() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments(), Pauses.REAL);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();

    server.sendLine("\u0000\u0001{{{ this is no JSON");

    eventually(() -> assertThat(server.watches).hasSizeGreaterThan(1));
    assertThat(version(plane)).isEqualTo("v1");
    assertThat(server.watches.get(1)).containsEntry("version", "v1");
  }

  @Test
  void allItsThreadsAreDaemonsOfTheGroup() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments(), Pauses.REAL);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();

    Set<Thread> ours =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> !before.contains(thread))
            .filter(thread -> thread.getName().matches("weft-.*|HttpClient-.*"))
            .collect(Collectors.toSet());
    assertThat(ours)
        .extracting(Thread::getName)
        .contains("weft-control", "weft-report", "weft-renewal")
        .anyMatch(name -> name.endsWith("SelectorManager"));
    assertThat(ours)
        .allSatisfy(
            thread -> {
              assertThat(thread.getThreadGroup()).as(thread.getName()).isSameAs(group);
              assertThat(thread.isDaemon()).as(thread.getName()).isTrue();
            });
  }

  @Test
  void followsUpdatesOfThePolicy() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments(), Pauses.REAL);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    eventually(() -> assertThat(server.watches).hasSize(1));

    server.publish(FakeControlServer.emptySnapshot("v2", server.authority));

    eventually(() -> assertThat(version(plane)).isEqualTo("v2"));
    assertThat(server.watches).hasSize(1);
  }

  @Test
  void newRootsOfASnapshotAreTrusted() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments(), Pauses.REAL);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    eventually(() -> assertThat(server.watches).hasSize(1));
    TestAuthority next = TestAuthority.create("CN=next");

    server.publish(FakeControlServer.emptySnapshot("v2", next));

    eventually(() -> assertThat(plane.identities().current().bundle()).containsExactly(next.root));
  }

  @Test
  void refusesASnapshotItCannotApplyAndKeepsTheLastGoodOne() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments(), Pauses.REAL);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    eventually(() -> assertThat(server.watches).hasSize(1));

    server.publish(FakeControlServer.emptySnapshot("bad", server.authority, "10.0.0.0/99"));

    eventually(
        () ->
            assertThat(server.reports)
                .anySatisfy(
                    report -> {
                      assertThat(report).containsEntry("acked", "v1");
                      assertThat(String.valueOf(report.get("nacked")))
                          .contains("version=bad", "expected a CIDR", "10.0.0.0/99");
                    }));
    assertThat(version(plane)).isEqualTo("v1");
    assertThat(lines("policy refused version=bad")).hasSize(1);

    server.publish(FakeControlServer.emptySnapshot("v3", server.authority, "10.0.0.0/8"));
    eventually(
        () ->
            assertThat(server.reports)
                .anySatisfy(
                    report ->
                        assertThat(report)
                            .containsEntry("acked", "v3")
                            .containsEntry("nacked", null)));
  }

  @Test
  void aWrongTokenIsOneLineAndASlowRetry() throws Exception {
    FakeControlServer server = server();
    Steps steps = new Steps();
    String wrong = "weft1.ffffffff.ffffffffffffffffffffffffffffffff." + server.authority.pin();
    start("service=pay,server=https://127.0.0.1:" + server.port() + ",token=" + wrong, steps);
    for (int i = 1; i <= 7; i++) {
      int times = i;
      eventually(() -> assertThat(steps.asked).hasSize(times));
      steps.go();
    }
    eventually(() -> assertThat(server.enrolments).hasSize(8));

    assertThat(lines("config server refused"))
        .singleElement()
        .asString()
        .contains("403 token-unknown: This token is not known.");
    assertThat(lines("ffffffffff")).isEmpty();
    long[] least = {30, 60, 120, 240, 480, 600, 600};
    for (int i = 0; i < least.length; i++) {
      assertThat(steps.asked.get(i))
          .isBetween(Duration.ofSeconds(least[i]), Duration.ofSeconds(least[i] * 6 / 5));
    }
  }

  @Test
  void aLostAnswerDoesNotBurnAOneUseToken() throws Exception {
    FakeControlServer server = server();
    server.losesTheAnswerToItsOneUse = true;
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    Steps steps = new Steps();
    ControlPlane plane = start(server.arguments(), steps);
    eventually(() -> assertThat(steps.asked).hasSize(1));
    assertThat(lines("config server not reached")).hasSize(1);

    steps.go();

    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(server.enrolments).hasSize(2);
    assertThat(lines("config server refused")).isEmpty();
  }

  @Test
  void aDamagedTokenIsRefusedWithoutAskingTheServer() throws Exception {
    FakeControlServer server = server();
    Steps steps = new Steps();
    start(
        "service=pay,server=https://127.0.0.1:" + server.port() + ",token=weft1.0123abcd.x", steps);
    eventually(() -> assertThat(steps.asked).hasSize(1));

    assertThat(lines("config server refused"))
        .singleElement()
        .asString()
        .contains("the join token is damaged");
    assertThat(server.enrolments).isEmpty();
  }

  @Test
  void aServerThatDoesNotMatchThePinNeverSeesTheToken() throws Exception {
    FakeControlServer server = server();
    Steps steps = new Steps();
    String other = FakeControlServer.token(TestAuthority.create());
    start("service=pay,server=https://127.0.0.1:" + server.port() + ",token=" + other, steps);
    for (int i = 1; i <= 3; i++) {
      int times = i;
      eventually(() -> assertThat(steps.asked).hasSize(times));
      steps.go();
    }

    assertThat(lines("config server refused"))
        .singleElement()
        .asString()
        .contains("does not match the join token's pin");
    assertThat(steps.asked.get(0)).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
    assertThat(server.enrolments).isEmpty();
  }

  @Test
  void aServerUnderThePinThatIsNotTheConfigServerIsRefused() throws Exception {
    TestAuthority authority = TestAuthority.create();
    FakeControlServer impostor =
        new FakeControlServer(authority, 0, "spiffe://a.test/ns/default/sa/orders");
    open.add(impostor);
    Steps steps = new Steps();
    start(impostor.arguments(), steps);
    eventually(() -> assertThat(steps.asked).hasSize(1));

    assertThat(lines("config server refused"))
        .singleElement()
        .asString()
        .contains("expected the config server spiffe://a.test/ns/weft/sa/config-server")
        .contains("found spiffe://a.test/ns/default/sa/orders");
    assertThat(impostor.enrolments).isEmpty();
  }

  @Test
  void theServersRootMayComeFromAFile() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    Path ca = Files.writeString(folder.resolve("ca.pem"), Pem.of(server.authority.root));
    Path token =
        Files.writeString(
            folder.resolve("token"), FakeControlServer.token(server.authority) + "\n");
    ControlPlane plane =
        start(
            "service=pay,server=https://localhost:"
                + server.port()
                + ",server.ca.file="
                + ca
                + ",token.file="
                + token,
            Pauses.REAL);

    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
  }

  @Test
  void connectsWhenTheServerAppears() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    TestAuthority authority = TestAuthority.create();
    Steps steps = new Steps();
    ControlPlane plane =
        start(
            "service=pay,server=https://127.0.0.1:"
                + port
                + ",token="
                + FakeControlServer.token(authority),
            steps);
    for (int i = 1; i <= 3; i++) {
      int times = i;
      eventually(() -> assertThat(steps.asked).hasSize(times));
      if (i < 3) {
        steps.go();
      }
    }
    assertThat(plane.snapshots().awaitFirst(Duration.ZERO)).isFalse();
    assertThat(lines("config server not reached")).hasSize(1);
    assertThat(steps.asked)
        .allSatisfy(
            pause -> assertThat(pause).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5)));

    FakeControlServer server =
        new FakeControlServer(authority, port, "spiffe://a.test/ns/weft/sa/config-server");
    open.add(server);
    server.publish(FakeControlServer.emptySnapshot("v1", authority));
    steps.go();

    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
  }

  @Test
  void comesBackAfterALossWithTheVersionItHolds() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    Steps steps = new Steps();
    ControlPlane plane = start(server.arguments(), steps);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    eventually(() -> assertThat(server.watches).hasSize(1));

    server.dropStreams();
    eventually(() -> assertThat(steps.asked).hasSize(1));
    assertThat(steps.asked.get(0)).isLessThanOrEqualTo(Duration.ofSeconds(1));
    steps.go();

    eventually(() -> assertThat(server.watches).hasSize(2));
    assertThat(server.watches.get(1)).containsEntry("version", "v1");
    assertThat(server.watches.get(1).get("instance"))
        .isEqualTo(server.watches.get(0).get("instance"));
    assertThat(server.enrolments).hasSize(1);
    assertThat(version(plane)).isEqualTo("v1");
  }

  @Test
  void triesTheServersInOrder() throws Exception {
    int nobody;
    try (ServerSocket free = new ServerSocket(0)) {
      nobody = free.getLocalPort();
    }
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane =
        start(
            "service=pay,server=\"https://127.0.0.1:"
                + nobody
                + ",https://127.0.0.1:"
                + server.port()
                + "\",token="
                + FakeControlServer.token(server.authority),
            new Steps());

    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(lines("config server not reached")).hasSize(1);
  }

  @Test
  void staysWithTheServerThatWorkedLast() throws Exception {
    int first;
    try (ServerSocket free = new ServerSocket(0)) {
      first = free.getLocalPort();
    }
    FakeControlServer second = server();
    second.publish(FakeControlServer.emptySnapshot("v1", second.authority));
    ControlPlane plane =
        start(
            "service=pay,server=\"https://127.0.0.1:"
                + first
                + ",https://127.0.0.1:"
                + second.port()
                + "\",token="
                + FakeControlServer.token(second.authority),
            pause -> Pauses.REAL.pause(Duration.ofMillis(20)));
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    FakeControlServer other =
        new FakeControlServer(second.authority, first, "spiffe://a.test/ns/weft/sa/config-server");
    open.add(other);
    other.publish(FakeControlServer.emptySnapshot("of-the-other", second.authority));

    for (int i = 1; i <= 3; i++) {
      int watches = i + 1;
      second.dropStreams();
      eventually(() -> assertThat(second.watches).hasSizeGreaterThanOrEqualTo(watches));
    }

    assertThat(other.watches).isEmpty();
    assertThat(version(plane)).isEqualTo("v1");
  }

  @Test
  void registersThePortsItListensOn() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    Settings settings = SettingsReader.read(server.arguments(), Map.of(), Map.of(), warning -> {});
    ControlPlane plane = ControlPlane.of(settings, log, group);
    plane.start();
    open.add(plane);
    plane.listening(8080);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    plane.listening(9090);
    plane.listening(9090);
    plane.closed(9090);
    eventually(
        () -> assertThat(last(server.reports)).containsEntry("listening", List.of(8080L, 9090L)));

    plane.closed(9090);
    plane.closed(7070);
    eventually(() -> assertThat(last(server.reports)).containsEntry("listening", List.of(8080L)));
  }

  private static Map<String, Object> last(List<Map<String, Object>> list) {
    return list.isEmpty() ? Map.of() : list.get(list.size() - 1);
  }

  @Test
  void renewsAtHalfLifeWithoutLosingTheStream() throws Exception {
    FakeControlServer server = server();
    server.lifetime = Duration.ofSeconds(3);
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments(), Pauses.REAL);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    Identity first = plane.identities().current();

    eventually(() -> assertThat(server.renewals).hasSizeGreaterThanOrEqualTo(2));

    assertThat(server.renewals.get(0)).isEqualTo(first.leaf());
    Identity now = plane.identities().current();
    assertThat(now.id()).isEqualTo(first.id());
    assertThat(now.key()).isNotEqualTo(first.key());
    assertThat(server.watches).hasSize(1);
    assertThat(server.enrolments).hasSize(1);
    assertThat(lines("identity renewed")).isNotEmpty();
  }

  @Test
  void keepsTheLastGoodSnapshotForAStartWithoutServer() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    String files = identityFiles(server.authority.identity(FakeControlServer.WORKLOAD));
    String arguments =
        "service=pay,server=https://127.0.0.1:" + server.port() + ",state.dir=" + folder + files;
    ControlPlane before = start(arguments, Pauses.REAL);
    assertThat(before.snapshots().awaitFirst(SOON)).isTrue();
    Path kept = folder.resolve("snapshot-default-pay.json");
    eventually(() -> assertThat(kept).exists());
    before.close();
    server.close();

    ControlPlane after = start(arguments, new Steps());
    assertThat(after.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(version(after)).isEqualTo("v1");
    eventually(() -> assertThat(lines("policy stale version=v1")).hasSize(1));

    Files.writeString(kept, Files.readString(kept).replace("STRICT", "DISABLE"));
    Steps steps = new Steps();
    ControlPlane damaged = start(arguments, steps);
    eventually(() -> assertThat(steps.asked).hasSize(1));
    assertThat(damaged.snapshots().current()).isNull();
    assertThat(lines("is damaged and not used")).hasSize(1);
  }

  @Test
  void aProvisionedIdentityNeedsNoToken() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    Identity own = server.authority.identity(FakeControlServer.WORKLOAD);
    ControlPlane plane =
        start(
            "service=pay,server=https://127.0.0.1:" + server.port() + identityFiles(own),
            Pauses.REAL);

    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(server.enrolments).isEmpty();
    assertThat(server.watchers).containsExactly(own.leaf());
  }

  private String identityFiles(Identity identity) throws Exception {
    String key =
        "-----BEGIN PRIVATE KEY-----\n"
            + java.util.Base64.getMimeEncoder().encodeToString(identity.key().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    Path cert = Files.writeString(folder.resolve("cert.pem"), Pem.of(identity.leaf()));
    Path secret = Files.writeString(folder.resolve("key.pem"), key);
    Path bundle = Files.writeString(folder.resolve("bundle.pem"), Pem.of(identity.bundle().get(0)));
    return ",identity.cert=" + cert + ",identity.key=" + secret + ",identity.bundle=" + bundle;
  }

  @Test
  void standaloneFollowsItsFolderAndItsFiles() throws Exception {
    TestAuthority authority = TestAuthority.create();
    Path policy = Files.createDirectory(folder.resolve("policy"));
    ControlPlane plane =
        start(
            "service=pay,policy="
                + policy
                + identityFiles(authority.identity(FakeControlServer.WORKLOAD)),
            Pauses.REAL);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(plane.snapshots().current().snapshot().trustDomain()).isEqualTo("a.test");
    assertThat(plane.snapshots().current().snapshot().inbound().spiffeId())
        .isEqualTo(FakeControlServer.WORKLOAD);
    plane.listening(8080);

    Identity rotated = authority.identity(FakeControlServer.WORKLOAD);
    identityFiles(rotated);
    eventually(() -> assertThat(plane.identities().current().leaf()).isEqualTo(rotated.leaf()));
  }

  @Test
  void anEditOfThePolicyFolderIsFollowedAndABrokenOneIsNot() throws Exception {
    TestAuthority authority = TestAuthority.create();
    Path policy = Files.createDirectory(folder.resolve("policy"));
    Path file = policy.resolve("mtls.yaml");
    Files.writeString(file, mtls("mode: PERMISSIVE"));
    ControlPlane plane =
        start(
            "service=pay,policy="
                + policy
                + identityFiles(authority.identity(FakeControlServer.WORKLOAD)),
            Pauses.REAL);
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(mode(plane)).isEqualTo(MtlsMode.PERMISSIVE);

    Files.writeString(file, mtls("mode: STRICT"));
    eventually(() -> assertThat(mode(plane)).isEqualTo(MtlsMode.STRICT));

    Files.writeString(file, mtls("mode: STRIKT"));
    eventually(() -> assertThat(lines("policy refused mtls.yaml:7:11 ")).hasSize(1));
    assertThat(mode(plane)).isEqualTo(MtlsMode.STRICT);

    Files.writeString(file, mtls("mode: DISABLE"));
    eventually(() -> assertThat(mode(plane)).isEqualTo(MtlsMode.DISABLE));
  }

  private static MtlsMode mode(ControlPlane plane) {
    return plane.snapshots().current().snapshot().inbound().mtls().mode();
  }

  private static String mtls(String mode) {
    return """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata:
          name: default
        spec:
          mtls:
            %s
        """
        .formatted(mode);
  }

  /** The application configures logging and JMX in its main, which has not begun. */
  @Test
  void connectingStartsNeitherLoggingNorJmx() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-verbose:class",
            "-cp",
            System.getProperty("java.class.path"),
            Connects.class.getName(),
            server.arguments());
    Process process = builder.redirectErrorStream(true).start();
    String loaded = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isZero();
    assertThat(loaded)
        .contains("got v1", "jdk.internal.net.http.HttpClientImpl")
        .doesNotContain(" java.util.logging.", " javax.management.");
  }

  /** What the agent does before main. */
  public static final class Connects {
    private Connects() {}

    /** Exits with 0 once there is a snapshot. */
    public static void main(String[] args) {
      Log log = new Log(LogLevel.INFO, System.err);
      Settings settings = SettingsReader.read(args[0], Map.of(), Map.of(), log::warn);
      ControlPlane plane = ControlPlane.of(settings, log, new ThreadGroup("weft"));
      plane.start();
      boolean came = plane.snapshots().awaitFirst(SOON);
      System.out.println("got " + version(plane));
      System.exit(came ? 0 : 1);
    }
  }

  @Test
  void withoutServerAndPolicyNothingRuns() {
    start("service=pay", Pauses.REAL);
    Thread[] threads = new Thread[10];

    assertThat(Arrays.copyOf(threads, group.enumerate(threads))).isEmpty();
  }

  private ControlPlane serving(FakeControlServer server) throws Exception {
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments(), Pauses.REAL);
    assertThat(plane.serving()).as("not connected").isFalse();
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    assertThat(plane.serving()).as("listens nowhere").isFalse();
    plane.listening(8080);
    eventually(() -> assertThat(plane.serving()).isTrue());
    return plane;
  }

  @Test
  void leavesUntilNobodyIsLeftWhoDoesNotKnow() throws Exception {
    FakeControlServer server = server();
    server.waitingFor = 2;
    ControlPlane plane = serving(server);

    assertThat(plane.leave(SOON, Duration.ofSeconds(1))).isEqualTo(Departed.TOLD);
    server.waitingFor = 0;
    assertThat(plane.leave(SOON, SOON)).isEqualTo(Departed.KNOWN);

    assertThat(server.drains.get(0))
        .isEqualTo(Map.of("instance", server.watches.get(0).get("instance")));
    server.dropStreams(); // whoever serves the next one shall know too
    eventually(
        () ->
            assertThat(server.watches)
                .anySatisfy(watch -> assertThat(watch).containsEntry("readiness", "draining")));
    eventually(
        () ->
            assertThat(server.reports)
                .anySatisfy(report -> assertThat(report).containsEntry("readiness", "draining")));
  }

  @Test
  void aServerThatDoesNotKnowWhatDrainingIsHasNotBeenTold() throws Exception {
    FakeControlServer server = server();
    server.waitingFor = -1;
    ControlPlane plane = serving(server);

    assertThat(plane.leave(SOON, SOON)).isEqualTo(Departed.UNTOLD);
    assertThat(server.drains).hasSize(1);
  }

  @Test
  void aServerThatIsGoneIsWaitedForNoLongerThanForItsAnswer() throws Exception {
    FakeControlServer server = server();
    ControlPlane plane = serving(server);
    server.close();
    long begin = System.nanoTime();

    assertThat(plane.leave(Duration.ofMillis(300), SOON)).isEqualTo(Departed.UNTOLD);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void aServerThatEndsMeanwhileIsNotWaitedForEither() throws Exception {
    FakeControlServer server = server();
    server.waitingFor = 1;
    ControlPlane plane = serving(server);
    Thread ending =
        new Thread(
            () -> {
              await().atMost(SOON).until(() -> !server.drains.isEmpty());
              server.close();
            });
    ending.start();
    long begin = System.nanoTime();

    assertThat(plane.leave(Duration.ofSeconds(1), Duration.ofSeconds(60))).isEqualTo(Departed.TOLD);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    ending.join();
  }

  @Test
  void saysWhereItRunsWhatItSpeaksAndWhetherItIsWell() throws Exception {
    FakeControlServer server = server();
    server.publish(FakeControlServer.emptySnapshot("v1", server.authority));
    ControlPlane plane = start(server.arguments() + ",locality=eu/eu-1,weight=3", Pauses.REAL);
    plane.http(() -> Set.of(8080, 9999));
    assertThat(plane.snapshots().awaitFirst(SOON)).isTrue();
    plane.listening(8080);
    plane.listening(9090);
    plane.healthy(false);

    assertThat(server.watches.get(0).get("workload").toString())
        .contains("locality=eu/eu-1", "weight=3");
    eventually(
        () ->
            assertThat(server.reports)
                .anySatisfy(
                    report ->
                        assertThat(report)
                            .containsEntry("protocols", Map.of("8080", "http"))
                            .containsEntry("readiness", "failing")));
    plane.healthy(true);
    eventually(
        () ->
            assertThat(server.reports.get(server.reports.size() - 1))
                .containsEntry("readiness", "ready"));
  }
}
