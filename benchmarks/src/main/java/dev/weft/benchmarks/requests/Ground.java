package dev.weft.benchmarks.requests;

import dev.weft.benchmarks.ground.Program;
import dev.weft.benchmarks.requests.app.LoadProgram;
import dev.weft.benchmarks.wire.app.NettyServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One server outside of any mesh, which also takes the agents' telemetry, and what clients need.
 * Used by one thread.
 */
final class Ground implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(90);

  private final Path java;
  private final Path weft;
  private final Path openTelemetry;
  private final Path folder;
  private final Path policy;
  private final Program server;
  private final Program telemetry;
  private final int port;
  private final int telemetryPort;

  /**
   * Starts the servers.
   *
   * @param java the JDK's launcher
   * @param weft our agent
   * @param openTelemetry the agent beside it
   * @param folder for everything that is written
   */
  Ground(Path java, Path weft, Path openTelemetry, Path folder) throws IOException {
    this.java = java;
    this.weft = weft;
    this.openTelemetry = openTelemetry;
    this.folder = folder;
    this.server = server("server");
    this.port = Integer.parseInt(server.answer(START).get("port"));
    this.telemetry = server("telemetry");
    this.telemetryPort = Integer.parseInt(telemetry.answer(START).get("port"));
    this.policy = Files.createDirectories(folder.resolve("policy"));
    Files.writeString(policy.resolve("pay.yaml"), documents(port));
  }

  private Program server(String name) throws IOException {
    List<String> command = jvm();
    command.addAll(List.of(NettyServer.class.getName(), "PLAIN", folder.toString()));
    return Program.start(name, folder, command);
  }

  /** Starts a client that is ready for commands. */
  Program client(Library library, Variant variant, int threads) throws IOException {
    List<String> command = jvm();
    command.addAll(1, agent(variant));
    // Under the mesh the name is a service; without it nobody knows it.
    String authority = variant == Variant.WEFT ? "pay" : "127.0.0.1:" + port;
    command.addAll(
        List.of(
            LoadProgram.class.getName(),
            library.name(),
            "http://" + authority + "/small?id=4711",
            Integer.toString(threads)));
    Program client = Program.start(library.option() + "-" + variant, folder, command);
    client.answer(START);
    return client;
  }

  private List<String> jvm() {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  /** Both agents sample one root in a hundred and send spans and metrics to the same place. */
  private List<String> agent(Variant variant) {
    String receiver = "-Dotel.exporter.otlp.endpoint=http://127.0.0.1:" + telemetryPort;
    return switch (variant) {
      case PLAIN -> List.of();
      case WEFT ->
          List.of(
              "-javaagent:" + weft,
              "-Dweft.service=orders",
              "-Dweft.policy=" + policy,
              "-Dweft.startup.wait=60s",
              receiver);
      case OPENTELEMETRY ->
          List.of(
              "-javaagent:" + openTelemetry,
              "-Dotel.service.name=orders",
              "-Dotel.traces.sampler=parentbased_traceidratio",
              "-Dotel.traces.sampler.arg=0.01",
              "-Dotel.logs.exporter=none",
              "-Dotel.exporter.otlp.protocol=http/protobuf",
              receiver);
    };
  }

  /** A service of one endpoint, with rules as people have them. */
  private static String documents(int port) {
    return """
        apiVersion: v1
        kind: Service
        metadata: {name: pay, namespace: default}
        spec:
          ports: [{name: http, port: 80, targetPort: %1$d}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: pay-1, namespace: default, labels: {kubernetes.io/service-name: pay}}
        addressType: IPv4
        ports: [{name: http, port: %1$d}]
        endpoints: [{addresses: ["127.0.0.1"]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: pay, namespace: default}
        spec:
          parentRefs: [{group: "", kind: Service, name: pay}]
          rules:
            - matches: [{headers: [{name: x-tester, value: "yes"}]}]
              backendRefs: [{name: pay, port: 80}]
            - matches: [{path: {type: PathPrefix, value: /}}]
              retry: {attempts: 2, codes: [503]}
              timeouts: {request: 10s}
              backendRefs: [{name: pay, port: 80}]
        """
        .formatted(port);
  }

  @Override
  public void close() {
    server.close();
    telemetry.close();
  }
}
