package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Program;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Whole systems run over mutual TLS, unmodified: H2's server with its JDBC driver, an ensemble of
 * ZooKeeper, a Kafka broker that is its own controller. Beside them programs that take a native
 * transport of Netty where there is one: on Netty 4.2, in ZooKeeper's client (4.1), in gRPC (a copy
 * of 4.1). One mesh holds them all; what their clients did is judged from several sides.
 *
 * <p>The broker says that it is reached at 127.0.0.2, where a {@link Relay} looks at what passes.
 */
@OnEachJdk
@EnabledOnOs(value = OS.LINUX, disabledReason = "127.0.0.2 needs no set-up only on Linux")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SystemsIT {
  private static final int AFTER_ALL_OTHERS = Integer.MAX_VALUE;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration WINDOW = Duration.ofSeconds(3);
  private static final String MARKER = "a-record-that-nobody-else-may-read";
  private static final String NETTY_42 = Built.systems("netty42");
  private static final String RELAYED = "127.0.0.2";

  /**
   * The members of the ensemble and the broker's controller talk to ports of their own machine,
   * before the mesh can have heard of them.
   */
  private static final String NETWORKS =
      """
      apiVersion: weft.dev/v1alpha1
      kind: MeshConfig
      metadata:
        name: mesh
      spec:
        mtls:
          meshNetworks: [127.0.0.1/32]
      """;

  private static final String KAFKA_IN_PLAINTEXT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata:
        name: kafka
      spec:
        selector:
          matchLabels: {app: kafka}
        mtls:
          mode: DISABLE
      """;

  private static TestMesh mesh;
  private static final Map<String, Child> SERVERS = new TreeMap<>();
  private static final Map<String, Child> CLIENTS = new TreeMap<>();
  private static final Map<String, Integer> PORTS = new TreeMap<>();
  private static Relay relay;

  @Parameter private Jdk jdk;

  @BeforeParameterizedClassInvocation
  static void start(Jdk jdk) throws IOException, InterruptedException {
    mesh =
        TestMesh.start(
            "systems", jdk, Map.of("security.yaml", Documents.STRICT, "mesh.yaml", NETWORKS));
    startServers();
    String h2 = PORTS.get("h2") + "/mem:story;DB_CLOSE_DELAY=-1";
    client(
        "h2",
        "systems.Jdbc",
        "name=jdbc:h2:tcp://h2:" + h2,
        "address=jdbc:h2:tcp://127.0.0.1:" + h2);
    String members = SERVERS.get("zookeeper").stdout().get(0).replace("listening ", "");
    client(
        "zookeeper",
        "systems.ZooKeeperClient",
        "nioByName=zookeeper:" + members.replace(" ", ",zookeeper:"),
        "nettyByAddress=127.0.0.1:" + members.replace(" ", ",127.0.0.1:"));
    client("kafka", "systems.KafkaClient", "name=kafka:" + PORTS.get("kafka"));
    client("netty", "systems.NettyClient", "name=netty:" + PORTS.get("netty"));
    client(
        "grpc",
        "systems.GrpcClient",
        "name=grpc:" + PORTS.get("grpc"),
        "address=127.0.0.1:" + PORTS.get("grpc"));
  }

  private static void startServers() throws IOException, InterruptedException {
    server("h2", Map.of(), "org.h2.tools.Server", "-tcp", "-tcpPort", "0", "-ifNotExists");
    // Its members talk to each other without a pause: draining would wait for quiet to the end.
    server(
        "zookeeper",
        Map.of("WEFT_DRAIN_TIMEOUT", "1s"),
        "systems.ZooKeeperEnsemble",
        data("zookeeper"));
    server(
        "kafka",
        Map.of("WEFT_ADDRESS", RELAYED, "ADVERTISED", "kafka"),
        "systems.KafkaBroker",
        data("kafka"));
    server("netty", Map.of(), "systems.NettyEcho");
    server("grpc", Map.of(), "systems.GrpcEcho");
    PORTS.put("h2", listening("h2", "TCP server running at tcp://localhost:"));
    for (String service : List.of("zookeeper", "kafka", "netty", "grpc")) {
      PORTS.put(service, listening(service, "listening "));
    }
    relay = Relay.open(RELAYED, new InetSocketAddress("127.0.0.1", PORTS.get("kafka")));
    for (Map.Entry<String, Integer> port : PORTS.entrySet()) {
      awaitRegistered(port.getKey(), port.getValue());
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() throws IOException {
    SERVERS.clear();
    CLIENTS.clear();
    PORTS.clear();
    relay.close();
    mesh.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "zookeeper", "kafka", "netty", "grpc"})
  @Order(1)
  void everyStoryOfTheClientHolds(String client) throws Exception {
    Child program = CLIENTS.get(client);
    program.awaitLine("done", PATIENCE);

    assertThat(program.stdout())
        .as("what went wrong (see the process's own log for more)")
        .hasSizeGreaterThan(4)
        .allMatch(line -> line.endsWith(" ok") || line.equals("done") || line.equals("ready"));
  }

  /** Connections stand, nobody asks anything: who then computes is waiting in a wrong way. */
  @Test
  @Order(2)
  void nobodyComputesWhileNobodyAsks() {
    List<Child> programs =
        Stream.concat(SERVERS.values().stream(), CLIENTS.values().stream()).toList();
    Map<String, Duration> before = processorTime(programs);

    Awaitility.await().pollDelay(WINDOW).until(() -> true);

    Map<String, Duration> after = processorTime(programs);
    after.forEach(
        (name, time) ->
            assertThat(time.minus(before.get(name)))
                .as("processor time of %s in %s", name, WINDOW)
                .isLessThan(WINDOW.dividedBy(3)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "zookeeper", "kafka", "netty", "grpc"})
  @Order(3)
  void everyConnectionProvedItsIdentity(String service) {
    String client = "spiffe://cluster.local/ns/default/sa/" + service + "-client";

    TestMesh.eventually(
        () -> {
          List<JsonNode> inbound = connections(service, "inbound");
          assertThat(inbound).anyMatch(row -> row.path("peer").asString().equals(client));
          assertThat(inbound).allMatch(row -> row.path("mtls").asBoolean());
          assertThat(connections(service, "outbound"))
              .allMatch(row -> row.path("mtls").asBoolean());
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "zookeeper", "kafka", "netty", "grpc"})
  @Order(4)
  void whoSpeaksPlaintextIsRefused(String service) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", PORTS.get(service))) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write("ruok".repeat(64).getBytes(StandardCharsets.US_ASCII));

      assertThat(everything(socket)).isEmpty();
    }
    TestMesh.eventually( // what it says comes by another pipe
        () ->
            assertThat(SERVERS.get(service).stderr())
                .contains("PeerAuthentication default/everyone"));
  }

  @ParameterizedTest
  @CsvSource({
    "netty, io.netty.channel.epoll.Epoll",
    "netty-client, io.netty.channel.epoll.Epoll",
    "zookeeper-client, io.netty.channel.epoll.Epoll",
    "grpc, io.grpc.netty.shaded.io.netty.channel.epoll.Epoll",
    "grpc-client, io.grpc.netty.shaded.io.netty.channel.epoll.Epoll"
  })
  @Order(5)
  void nativeTransportsAreSteeredToNioAndSayIt(String service, String transport) {
    TestMesh.eventually(
        () ->
            assertThat(status(service).path("nativeTransports").path(transport).asString())
                .isEqualTo("steered to NIO"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lib", "netty42"})
  @Order(6)
  void withoutTheMeshNettyTakesItsNativeTransport(String libraries) throws Exception {
    ProcessBuilder program =
        mesh.local().java(command(Built.systems(libraries), "systems.NettyEcho"));
    try (Child netty = Child.start("without-mesh-" + libraries, program, mesh.local().logs())) {
      assertThat(netty.awaitLine("transport ", PATIENCE)).isEqualTo("epoll");
    }
  }

  @Test
  @Order(7)
  void whoDemandsTheNativeTransportIsToldWhatToDo() throws Exception {
    Child demanding =
        mesh.local()
            .run(
                Program.of("demanding", command(NETTY_42, "systems.NettyEcho"))
                    .with(Map.of("TRANSPORT", "epoll")));

    assertThat(demanding.awaitExit(PATIENCE)).isNotZero();
    assertThat(demanding.stderr())
        .contains("UnsatisfiedLinkError: Weft steers Netty to NIO")
        .contains("weft.instrumentation.netty-native=false")
        .contains("weft WARN native transport refused class=io.netty.channel.epoll.Epoll");
  }

  @Test
  @Order(8)
  void whereSteeringIsSwitchedOffTheBypassIsSaid() throws Exception {
    Child bypassing =
        mesh.local()
            .run(
                Program.of("bypassing", command(NETTY_42, "systems.NettyEcho"))
                    .with(Map.of("WEFT_INSTRUMENTATION_NETTY_NATIVE", "false")));

    assertThat(bypassing.awaitLine("transport ", PATIENCE)).isEqualTo("epoll");
    String bypass = "Netty epoll (io.netty.channel.epoll.EpollServerSocketChannel)";
    TestMesh.eventually(
        () ->
            assertThat(status("bypassing").path("bypasses").valueStream().map(JsonNode::asString))
                .contains(bypass));
    assertThat(bypassing.stderr()).contains("weft WARN bypass found what=\"Netty epoll\"");
  }

  @Test
  @Order(AFTER_ALL_OTHERS - 1)
  void noRecordOfKafkaCrossesTheWireReadably() {
    assertThat(relay.connections()).isPositive();
    assertThat(relay.seen().contains(MARKER)).isFalse();
  }

  @Test
  @Order(AFTER_ALL_OTHERS)
  void withoutTheMeshEveryRecordOfKafkaIsReadable() throws Exception {
    mesh.local().edit("kafka.yaml", nothing -> KAFKA_IN_PLAINTEXT);

    Child brief = client("kafka", "systems.KafkaClient", "brief=kafka:" + PORTS.get("kafka"));
    brief.awaitLine("done", PATIENCE);

    assertThat(brief.stdout()).contains("brief_largeRecordsArriveUnchanged ok");
    assertThat(relay.seen().contains(MARKER)).isTrue();
  }

  private static void server(
      String service, Map<String, String> environment, String main, String... arguments)
      throws IOException, InterruptedException {
    String libraries = service.equals("netty") ? NETTY_42 : Built.systems("lib");
    Program program = Program.of(service, command(libraries, main, arguments)).with(environment);
    SERVERS.put(service, mesh.local().run(program));
  }

  private static Child client(String server, String main, String... arguments)
      throws IOException, InterruptedException {
    String service = server + "-client";
    String libraries = server.equals("netty") ? NETTY_42 : Built.systems("lib");
    Program program =
        Program.of(service, command(libraries, main, arguments))
            .named(CLIENTS.containsKey(server) ? service + "-again" : service)
            .with(Map.of("MARKER", MARKER));
    Child client = mesh.local().run(program);
    CLIENTS.put(server, client);
    return client;
  }

  private static List<String> command(String classPath, String main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "-XX:TieredStopAtLevel=1", // eleven JVMs start at once
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                classPath,
                main));
    command.addAll(List.of(arguments));
    return command;
  }

  private static String data(String service) {
    return mesh.local().state().resolveSibling("data-" + service).toString();
  }

  /** The first number after {@code prefix}. */
  private static int listening(String service, String prefix) throws InterruptedException {
    return Integer.parseInt(
        SERVERS.get(service).awaitLine(prefix, PATIENCE).split(" ", 2)[0].trim());
  }

  private static void awaitRegistered(String service, int port) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(workloads("/v1/workloads", service))
                    .anyMatch(
                        workload ->
                            workload
                                .path("listening")
                                .valueStream()
                                .anyMatch(one -> one.asInt() == port)));
  }

  private static List<JsonNode> connections(String service, String direction) throws Exception {
    return workloads("/v1/connections", service).stream()
        .flatMap(workload -> workload.path("connections").valueStream())
        .filter(row -> row.path("direction").asString().equals(direction))
        .toList();
  }

  /** What the agent of a service with one workload says of itself. */
  private static JsonNode status(String service) throws IOException, InterruptedException {
    return mesh.local()
        .api()
        .get("/v1/status")
        .path("agents")
        .valueStream()
        .filter(agent -> agent.path("service").asString().equals(service))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no agent of " + service))
        .path("status");
  }

  /** What the config server says of the workloads of a service. */
  private static List<JsonNode> workloads(String path, String service)
      throws IOException, InterruptedException {
    return mesh.local()
        .api()
        .get(path)
        .path("workloads")
        .valueStream()
        .filter(workload -> workload.path("service").asString().equals(service))
        .toList();
  }

  private static Map<String, Duration> processorTime(List<Child> programs) {
    Map<String, Duration> times = new TreeMap<>();
    for (Child program : programs) {
      times.put(
          program.name(),
          ProcessHandle.of(program.pid())
              .flatMap(process -> process.info().totalCpuDuration())
              .orElseThrow());
    }
    return times;
  }

  private static byte[] everything(Socket socket) throws IOException {
    try (InputStream in = socket.getInputStream()) {
      return in.readAllBytes();
    } catch (SocketException reset) {
      return new byte[0];
    }
  }
}
