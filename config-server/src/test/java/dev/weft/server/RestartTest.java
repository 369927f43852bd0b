package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Snapshot;
import dev.weft.policy.tree.Trees;
import dev.weft.server.TestAgent.Stream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A config server that ends and begins again does not make the mesh forget who is in it. */
class RestartTest {
  private static final Duration LEASE = Duration.ofSeconds(1);
  private static final int PAYS = 5;

  @TempDir Path folder;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.in(folder, TestServer.QUICK, LEASE);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static List<Integer> portsOfPay(Map<String, Object> message) {
    Snapshot snapshot = Trees.fromTree((Map<?, ?>) message.get("snapshot"), Snapshot.class);
    return snapshot.services().stream()
        .filter(service -> service.name().equals("pay"))
        .flatMap(service -> service.endpoints().stream())
        .filter(Endpoint::ready)
        .map(Endpoint::port)
        .distinct()
        .sorted()
        .toList();
  }

  /** Of the given ports, whose workloads stay connected with the first server until it ends. */
  private List<TestAgent> pays(List<Stream> streams) throws Exception {
    List<TestAgent> pays = new ArrayList<>();
    for (int i = 0; i < PAYS; i++) {
      TestAgent pay = TestAgent.enrolled(server, "pay");
      streams.add(pay.watch("pay", 8080 + i));
      pays.add(pay);
    }
    return pays;
  }

  private void awaitKept(String what) {
    await()
        .untilAsserted(
            () ->
                assertThat(Files.readString(server.state().resolve("registry.state")))
                    .contains(what));
  }

  @Test
  void noSnapshotAfterARestartLacksAWorkloadThatIsThere() throws Exception {
    List<Integer> all = List.of(8080, 8081, 8082, 8083, 8084);
    List<Stream> streams = new ArrayList<>();
    List<TestAgent> pays = pays(streams);
    TestAgent web = TestAgent.enrolled(server, "web");
    streams.add(web.watch("web"));
    server.close();
    server = TestServer.in(folder, TestServer.QUICK, LEASE.multipliedBy(10));

    List<List<Integer>> seen = new ArrayList<>();
    try (Stream again = web.on(server).watch("web")) {
      seen.add(portsOfPay(again.next()));
      for (int i = 0; i < PAYS; i++) { // one after the other: each return makes a snapshot, or none
        streams.add(pays.get(i).on(server).watch("pay", 8080 + i));
        server.write("edit.yaml", "# " + i + "\n");
      }
      TestAgent late = TestAgent.enrolled(server, "pay");
      streams.add(late.watch("pay", 9999));
      Map<String, Object> message = again.next();
      while (!portsOfPay(message).contains(9999)) {
        seen.add(portsOfPay(message));
        message = again.next();
      }
      assertThat(portsOfPay(message)).containsAll(all);
    }
    assertThat(seen).allSatisfy(ports -> assertThat(ports).isEqualTo(all));
    closeAll(streams);
  }

  @Test
  void whoDoesNotComeBackIsGoneAfterALease() throws Exception {
    List<Stream> streams = new ArrayList<>();
    List<TestAgent> pays = pays(streams);
    TestAgent web = TestAgent.enrolled(server, "web");
    server.close();
    server = TestServer.in(folder, TestServer.QUICK, LEASE);

    try (Stream pay = pays.get(0).on(server).watch("pay", 8080);
        Stream again = web.on(server).watch("web")) {
      assertThat(portsOfPay(again.next())).hasSize(PAYS);
      assertThat(portsOfPay(again.next(message -> portsOfPay(message).size() < PAYS)))
          .contains(8080);
      await()
          .untilAsserted(
              () ->
                  assertThat(server.log())
                      .filteredOn(line -> line.contains("lease expired"))
                      .hasSize(PAYS - 1));
    }
    closeAll(streams);
  }

  @Test
  void aRestoredInstanceBelongsToItsIdentityStill() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    Stream stream = pay.watch("pay", 8080);
    TestAgent thief = TestAgent.enrolled(server, "thief");
    server.close();
    server = TestServer.in(folder, TestServer.QUICK, LEASE.multipliedBy(30));

    assertThatThrownBy(
            () ->
                thief.on(server).watch(thief.watchBody("thief", pay.instance(), "", List.of(8080))))
        .hasMessageContaining("instance-taken");
    try (Stream claim = thief.on(server).watch("thief", 8080)) {
      assertThat(portsOfPay(claim.next())).containsExactly(8080);
      await().untilAsserted(() -> assertThat(server.status()).contains("WEFT036"));
    }
    try (Stream back = pay.on(server).watch("pay", 8080)) {
      assertThat(portsOfPay(back.next())).containsExactly(8080);
    }
    stream.close();
  }

  @Test
  void whoDrainsIsNotReadyAfterTheRestartEither() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    Stream stream = pay.watch("pay", 8080);
    TestAgent web = TestAgent.enrolled(server, "web");
    assertThat(pay.post("/v1/drain", Map.of("instance", pay.instance().toString())).status())
        .isEqualTo(200);
    server.close();
    server = TestServer.in(folder, TestServer.QUICK, LEASE.multipliedBy(30));

    try (Stream back = pay.on(server).watch("pay", 8080);
        Stream seen = web.on(server).watch("web")) {
      assertThat(portsOfPay(seen.next())).isEmpty();
      assertThat(portsOfPay(back.next())).isEmpty();
    }
    stream.close();
  }

  /** What a server leaves that is killed: the state folder as it is while the server runs. */
  @Test
  void aServerThatIsKilledHasWrittenWhoIsThere() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    try (Stream stream = pay.watch("pay", 8080)) {
      awaitKept("[8080]");
      Path copy = copyOfState();

      try (TestServer next = TestServer.in(copy, TestServer.QUICK, LEASE.multipliedBy(30));
          Stream first = TestAgent.enrolled(next, "web").watch("web")) {
        assertThat(portsOfPay(first.next())).containsExactly(8080);
      }
    }
  }

  @Test
  void aDamagedFileIsSaidAndIgnored() throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    try (Stream stream = pay.watch("pay", 8080)) {
      awaitKept("[8080]");
      Path copy = copyOfState();
      Path file = copy.resolve("state/registry.state");
      Files.writeString(file, Files.readString(file).replace("[8080]", "[8443]"));

      try (TestServer next = TestServer.in(copy, TestServer.QUICK, LEASE);
          Stream first = TestAgent.enrolled(next, "web").watch("web")) {
        assertThat(portsOfPay(first.next())).isEmpty();
        assertThat(next.log())
            .anyMatch(line -> line.contains("weft ERROR registry state registry.state is damaged"));
      }
    }
  }

  private Path copyOfState() throws IOException {
    Path copy = folder.resolve("copy");
    for (String name : List.of("registry.state", "ca/bundle.pem", "ca/root.key", "ca/root.pem")) {
      Path target = copy.resolve("state").resolve(name);
      Files.createDirectories(Objects.requireNonNull(target.getParent()));
      Files.copy(server.state().resolve(name), target);
    }
    return copy;
  }

  private static void closeAll(List<Stream> streams) throws IOException {
    for (Stream stream : streams) {
      stream.close();
    }
  }
}
