package dev.weft.benchmarks.start;

import dev.weft.benchmarks.ground.Spread;
import dev.weft.benchmarks.ground.Table;
import dev.weft.server.demo.Jars;
import dev.weft.server.demo.Java;
import dev.weft.server.demo.LocalMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Measures what agents add to the start of a Spring Boot web application, and prints one table. See
 * the README of the module.
 */
public final class StartBenchmark {
  private static final int DEFAULT_ROUNDS = 7;
  private static final double MEGABYTE = 1e6;
  private static final List<String> HEAD =
      List.of(
          "agent",
          "CPU s",
          "added",
          "[rounds]",
          "not compiling",
          "added",
          "wall s",
          "added",
          "metaspace MB",
          "added",
          "classes",
          "added",
          "PSS MB",
          "added");

  private static final String POLICY =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: pay, namespace: default}
      spec:
        ports: [{name: http, port: 80}]
      """;

  private StartBenchmark() {}

  /**
   * The system property {@code weft.root} is the repository, {@code opentelemetry.agent} and {@code
   * application} name jars.
   *
   * @param args how many rounds; default 7
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int rounds = args.length == 0 ? DEFAULT_ROUNDS : Integer.parseInt(args[0]);
    Path folder = Files.createTempDirectory("weft-start");
    System.err.println("logs are in " + folder);
    Path policy = Files.createDirectories(folder.resolve("policy"));
    Files.writeString(policy.resolve("pay.yaml"), POLICY);
    Jars jars = new Jars(Path.of(System.getProperty("weft.root")));
    Java java = new Java(Path.of(System.getProperty("java.home")), List.of());
    Path mesh = Files.createDirectories(folder.resolve("mesh"));
    try (LocalMesh server = LocalMesh.in(mesh, jars, java, policy, List.of())) {
      server.startServer();
      measure(folder, rounds, agents(jars, policy, server, rounds));
    }
  }

  private static void measure(Path folder, int rounds, List<Agent> agents)
      throws IOException, InterruptedException {
    // The first round warms the caches of files, and does not count.
    for (int round = 0; round <= rounds; round++) {
      System.err.println("round " + round);
      for (Agent agent : agents) {
        Start start = start(agent.options(), folder.resolve(agent.name() + "-" + round));
        if (round > 0) {
          agent.starts().add(start);
        }
      }
    }
    List<List<String>> rows = new ArrayList<>(List.of(HEAD));
    for (Agent agent : agents) {
      rows.add(row(agent.name(), agent.starts(), agents.get(0).starts()));
    }
    System.out.println(Table.aligned(rows));
    System.out.println("load after: " + Files.readString(Path.of("/proc/loadavg")).strip());
  }

  /**
   * What is in the JVM beside the application.
   *
   * @param starts the measured ones, by round
   */
  private record Agent(String name, List<String> options, List<Start> starts) {
    static Agent of(String name, String... options) {
      return new Agent(name, List.of(options), new ArrayList<>());
    }
  }

  /**
   * The baseline first. What is asked of agents where nobody listens: no policy but a service, and
   * telemetry to nobody, but for the agent that has a config server.
   */
  private static List<Agent> agents(Jars jars, Path policy, LocalMesh mesh, int rounds)
      throws IOException {
    String weft = "-javaagent:" + jars.agent();
    String service = "-Dweft.service=orders";
    String receiver = "-Dotel.exporter.otlp.endpoint=http://127.0.0.1:9";
    return List.of(
        Agent.of("no agent"),
        Agent.of("weft, files", weft, service, "-Dweft.policy=" + policy, receiver),
        Agent.of(
            "weft, server",
            weft,
            service,
            "-Dweft.server=" + mesh.serverUrl(),
            "-Dweft.token=" + mesh.token("orders", "orders", rounds + 1)),
        Agent.of(
            "OpenTelemetry",
            "-javaagent:" + System.getProperty("opentelemetry.agent"),
            "-Dotel.service.name=orders",
            "-Dotel.logs.exporter=none",
            receiver));
  }

  private static Start start(List<String> agent, Path log)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.addAll(agent);
    command.addAll(List.of("-jar", System.getProperty("application")));
    return Start.of(command, log);
  }

  private static List<String> row(String agent, List<Start> own, List<Start> plain) {
    Spread cpu = added(own, plain, Start::cpuSeconds, 1);
    return List.of(
        agent,
        figure(own, Start::cpuSeconds, 1),
        Table.figure(cpu.median()),
        String.format(Locale.ROOT, "[%.2f..%.2f]", cpu.min(), cpu.max()),
        figure(own, Start::otherSeconds, 1),
        Table.figure(added(own, plain, Start::otherSeconds, 1).median()),
        figure(own, Start::seconds, 1),
        Table.figure(added(own, plain, Start::seconds, 1).median()),
        figure(own, Start::metaspace, MEGABYTE),
        Table.figure(added(own, plain, Start::metaspace, MEGABYTE).median()),
        figure(own, Start::classes, 1),
        Table.figure(added(own, plain, Start::classes, 1).median()),
        figure(own, Start::memory, MEGABYTE),
        Table.figure(added(own, plain, Start::memory, MEGABYTE).median()));
  }

  private static String figure(List<Start> starts, ToDoubleFunction<Start> what, double unit) {
    return Table.figure(Spread.of(rounds(starts, what, unit)).median());
  }

  private static Spread added(
      List<Start> own, List<Start> plain, ToDoubleFunction<Start> what, double unit) {
    return Spread.ofDifferences(rounds(own, what, unit), rounds(plain, what, unit));
  }

  private static List<Double> rounds(
      List<Start> starts, ToDoubleFunction<Start> what, double unit) {
    return starts.stream().map(start -> what.applyAsDouble(start) / unit).toList();
  }
}
